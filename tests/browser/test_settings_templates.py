"""Settings of many roles in a browser: kept, previewed, applied, gone back on, compared, surveyed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roles.models import Role, SettingsTemplate
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

USER_ADMINISTRATOR = "User Administrator"


def test_settings_are_kept_and_applied_to_many_roles(somebody: Callable[..., Person], tmp_path: Path) -> None:
    admin = somebody("admin").signs_in()

    the_settings_of_a_role_become_a_template(admin)
    the_template_is_applied_to_some_roles(admin)
    one_role_goes_back(admin)
    two_sides_are_compared(admin)
    all_roles_are_surveyed(admin)
    the_template_travels_as_a_file(admin, tmp_path)
    the_template_is_removed(admin)


def the_settings_of_a_role_become_a_template(admin: Person) -> None:
    admin.goes_to("/roles/").follows("Templates").sees("No templates yet").takes_a_picture("templates-none")
    admin.goes_to("/roles/?q=user+administrator").follows(USER_ADMINISTRATOR).follows("Save as template")
    admin.takes_a_picture("save-template")
    admin.fills(name="With approval", description="For whatever changes accounts").presses("Save")
    admin.is_told("With approval holds the settings of User Administrator now.").takes_a_picture("template")


def the_template_is_applied_to_some_roles(admin: Person) -> None:
    admin.page.get_by_label("Groups Administrator", exact=True).check()
    admin.fills(q="teams").presses("Search")
    admin.page.get_by_label("Teams Administrator", exact=True).check()
    admin.presses("Preview").sees("Groups Administrator", "Require a ticket on activation: no")
    admin.takes_a_picture("template-preview").sees_buttons("Change 2 roles")
    admin.follows("Choose other roles")
    admin.page.get_by_label("Teams Reader", exact=True).check()
    admin.presses("Preview").presses("Change 3 roles")
    admin.is_told("With approval is applied: the settings of 3 roles have changed.")

    admin.page.get_by_label("Teams Reader", exact=True).check()
    admin.presses("Preview").sees("Nothing: it is set so already").sees_buttons()
    admin.goes_to(f"{admin.path.partition('?')[0]}?role=999999").takes_a_picture("template-preview-refused")


def one_role_goes_back(admin: Person) -> None:
    admin.goes_to("/roles/?q=teams+administrator").follows("Teams Administrator").follows("Versions")
    admin.sees("As the role came").takes_a_picture("versions")
    admin.presses("Go back to this version 1")
    admin.is_told("The settings of Teams Administrator are those of version 1 again.")
    admin.sees("3 Now")

    admin.goes_to("/roles/?q=global+reader").follows("Global Reader").follows("Versions")
    admin.sees("Never changed").takes_a_picture("versions-none")


def two_sides_are_compared(admin: Person) -> None:
    teams = Role.objects.get(name="Teams Administrator").pk
    template = SettingsTemplate.objects.get().pk
    admin.goes_to("/roles/").follows("Compare").takes_a_picture("compare-nothing")
    admin.page.select_option("[name=left]", f"role-{teams}")
    admin.page.select_option("[name=right]", f"template-{template}")
    admin.presses("Compare").sees("Teams Administrator and Template With approval differ in 3 settings.")
    admin.takes_a_picture("compare")
    admin.page.get_by_label("Only differences").check()
    admin.presses("Compare").sees_no("Escalate after").takes_a_picture("compare-only-differences")
    admin.goes_to("/roles/compare/?left=role-0&right=defaults").reads("Choose from those listed.")
    admin.takes_a_picture("compare-refused")


def all_roles_are_surveyed(admin: Person) -> None:
    admin.goes_to("/roles/").follows("Matrix").sees("122 roles, 5 of them deviate from the defaults.")
    admin.fills(q="teams").presses("Search").sees("7 roles").takes_a_picture("matrix")
    admin.goes_to("/roles/matrix/").page.get_by_label("Only deviating ones").check()
    admin.presses("Search").sees("5 roles").takes_a_picture("matrix-only-deviating")
    admin.goes_to("/roles/matrix/?q=no-such-role").sees("No role found").takes_a_picture("matrix-none")


def the_template_travels_as_a_file(admin: Person, folder: Path) -> None:
    admin.goes_to("/templates/").takes_a_picture("templates")
    with admin.page.expect_download() as download:
        admin.follows("Export With approval")
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "with-approval.json"

    admin.follows("Import").takes_a_picture("import-template")
    admin.page.set_input_files("[name=file]", file)
    admin.presses("Import").reads("There is a template called With approval. Replace it, or choose another name.")
    admin.takes_a_picture("import-template-taken")
    admin.page.get_by_label("Replace With approval, changed last by Ada Admin").check()
    admin.presses("Import").is_told("With approval is imported. Apply it to roles now.")
    admin.goes_to("/templates/").follows("Import").fills(text=file.read_text().replace('"quorum": 1', '"quorum": 0'))
    admin.presses("Import").reads(
        "settings.approval.stages[0].quorum: Choose from 1 to 10 approvals.",
        "There is a template called With approval. Replace it, or choose another name.",
    )
    admin.takes_a_picture("import-template-refused")


def the_template_is_removed(admin: Person) -> None:
    admin.goes_to("/templates/").follows("With approval").follows("Remove").takes_a_picture("remove-template")
    admin.presses("Remove").is_told("The template With approval is removed.").sees("No templates yet")
