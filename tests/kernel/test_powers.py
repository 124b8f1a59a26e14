"""What a role can allow in the portal itself."""

from kernel.powers import EVERY_POWER, READING_POWERS, Power


def test_a_power_is_a_thing_and_a_verb():
    assert all([part.isalpha() for part in power.split(".")] == [True, True] for power in Power)


def test_readers_read_and_nothing_else():
    assert {power for power in EVERY_POWER if power.endswith(".read")} == READING_POWERS
