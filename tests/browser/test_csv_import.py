"""An administrator downloads assignments, imports a table, is told what is wrong with it, and mends it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roles.models import Eligibility
from tests.browser.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAD = "member,role,type,end,justification"
RIGHT = "stranger@example.com,Reports Reader,eligible,permanent,Falcon"
WRONG = "strangr@example.com,Reports Reeder,eligible,,Falcon"


def test_a_table_is_imported_once_it_is_right(somebody: Callable[..., Person], tmp_path: Path) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/").follows("Import")
    admin.takes_a_picture("import-assignments")
    admin.fills(text=f"{HEAD}\n{RIGHT}\n{WRONG}\n").presses("Look it over")
    admin.reads(
        "Line 3: There is no role Reports Reeder. Did you mean Reports Reader? "
        "Line 3: “strangr@example.com” is not known. Did you mean Sam Stranger (stranger@example.com)?"
    )
    admin.takes_a_picture("import-assignments-refused")
    assert not Eligibility.objects.filter(justification="Falcon").exists()

    table = tmp_path / "table.csv"
    table.write_text(f"{HEAD}\n{RIGHT}\nCollaboration team,Reports Reader,eligible,permanent,Falcon\n")
    admin.fills(text="")
    admin.page.set_input_files("[name=file]", table)
    admin.presses("Look it over").sees("All 2 can be assigned.").takes_a_picture("import-assignments-looked-over")
    admin.presses("Assign the 2 that are allowed")

    admin.is_told("2 assignments are made. The members and the administrators get an email.")
    admin.opens_mail("PIM: Ada Admin made 2 assignments at once").reads_mail("Sam Stranger", "Reports Reader")
    admin.takes_a_picture("email-assigned-many")


def test_what_is_downloaded_is_taken_back_in(somebody: Callable[..., Person]) -> None:
    admin = somebody("admin").signs_in().goes_to("/assignments/?q=john")
    with admin.page.expect_download() as download:
        admin.follows("Download CSV")
    text = Path(download.value.path()).read_text()
    assert text.startswith("member,role,scope,type,start,end,justification")

    admin.goes_to("/assignments/import/").fills(text=text.replace("user@example.com", "stranger@example.com"))
    admin.presses("Look it over").sees("All 4 can be assigned.")
