"""The pages of administration: connections, variables, pools, users, roles, one's own account."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.support.standing import Standing
from tests.ui.conftest import watched

FORM = {
    "conn_type": "acme",
    "label": "Acme Warehouse",
    "package": "acme-provider",
    "hidden": ["schema"],
    "labels": {"host": "Warehouse URL"},
    "placeholders": {"host": "https://warehouse.example.com"},
    "fields": [
        {"name": "region", "label": "Region", "kind": "string", "description": "Where it is",
         "default": "eu", "is_secret": False},
        {"name": "tls", "label": "Use TLS", "kind": "boolean", "description": None,
         "default": None, "is_secret": False},
    ],
    "trouble": None,
}  # fmt: skip


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


def delete(page: Page, name: str, says: str) -> None:
    """Delete a record of the list; the question says what that means."""
    page.get_by_role("button", name=f"Delete {name}", exact=True).click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(name)
    question.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text(says)).to_be_visible()
    expect(page.get_by_role("cell", name=name, exact=True)).to_have_count(0)


# ------------------------------------------------------------------------------ connections


@pytest.fixture
def typed_form(page: Page) -> None:
    """Have a provider package whose connections have a form of their own."""

    def with_form(route: Route) -> None:
        known = route.fetch().json()
        route.fulfill(json={**known, "forms": [*known["forms"], FORM]})

    page.route("**/api/v1/connectionForms", with_form)


@pytest.mark.usefixtures("typed_form")
def test_a_connection_is_made_with_the_form_of_its_type(
    page: Page, site: Standing, picture: Callable[[Page, str], None]
) -> None:
    page.goto("/admin/connections?add=true")
    form = dialog(page, "New connection")
    form.get_by_label("Connection id").fill("wh")
    form.get_by_label("Type").fill("acme")
    expect(form.get_by_label("Schema")).to_have_count(0)
    expect(form.get_by_label("Region")).to_have_value("eu")
    form.get_by_label("Warehouse URL").fill("https://here")
    form.get_by_label("Password").fill("pass canary")
    form.get_by_label("Use TLS").check()
    form.get_by_label("Extra").fill('{"api_key": "extra canary", "rest": 1')
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    form.get_by_label("Extra").press_sequentially("}")
    picture(page, "form")
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Connection wh is saved.")).to_be_visible()
    (stored,) = json.loads(site.cli("connections", "get", "wh", "-o", "json"))
    assert stored["password"] == "pass canary"
    extra = stored["extra_dejson"]  # as text
    assert extra == {"api_key": "extra canary", "rest": "1", "region": "eu", "tls": "True"}


@pytest.mark.usefixtures("typed_form")
def test_a_password_is_never_shown_and_stays_when_untouched(page: Page, site: Standing) -> None:
    shop = {"host": "https://here", "password": "pass canary"}
    extra = {"api_key": "extra canary", "rest": 1}
    site.cli(
        "connections", "add", "shop", "--conn-json",
        json.dumps({"conn_type": "acme", **shop, "extra": extra}),
    )  # fmt: skip
    page.goto("/admin/connections?edit=shop")
    form = dialog(page, "Connection shop")
    expect(form.get_by_label("Password")).to_have_value("")
    expect(form.get_by_label("Extra")).to_have_value('{\n  "api_key": "***",\n  "rest": 1\n}')
    assert "canary" not in page.content()
    form.get_by_label("Warehouse URL").fill("https://there")
    form.get_by_label("Region").fill("us")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="https://there")).to_be_visible()

    (stored,) = json.loads(site.cli("connections", "get", "shop", "-o", "json"))
    assert stored["password"] == "pass canary"
    assert stored["extra_dejson"]["api_key"] == "extra canary"
    assert stored["extra_dejson"]["region"] == "us"


def test_testing_says_why_it_cannot_be_done(page: Page) -> None:
    page.goto("/admin/connections?add=true")
    form = dialog(page, "New connection")

    expect(form.get_by_role("button", name="Test")).to_be_disabled()
    expect(form.get_by_text("set [core] test_connection to Enabled")).to_be_visible()


def test_a_test_says_what_it_found(page: Page) -> None:
    found = {"status": False, "message": "no route to host"}
    page.route("**/connections/test", lambda route: route.fulfill(json=found))
    page.route(
        "**/api/v1/connectionForms",
        lambda route: route.fulfill(json={"forms": [FORM], "can_test": True}),
    )
    page.goto("/admin/connections?add=true")
    form = dialog(page, "New connection")
    form.get_by_role("button", name="Test").click()

    expect(form.get_by_role("status")).to_have_text("It does not work: no route to host")
    page.set_viewport_size({"width": 390, "height": 844})
    tall = form.get_by_role("button", name="Save").bounding_box()
    assert tall, "the button is not there"
    assert tall["height"] < 40


def test_connections_are_searched_and_deleted(page: Page, site: Standing) -> None:
    site.cli("connections", "add", "depot", "--conn-type", "acme")
    page.goto("/admin/connections")
    expect(page.get_by_role("button", name="Delete depot")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("no such")
    expect(page.get_by_text("No connection fits the search")).to_be_visible()
    expect(page).to_have_url("/admin/connections?search=no+such")
    page.get_by_role("searchbox").fill("acme")

    delete(page, "depot", "Connection depot is deleted.")


# -------------------------------------------------------------------------------- variables


def test_a_variable_of_json_is_checked(page: Page, site: Standing) -> None:
    page.goto("/admin/variables")
    page.get_by_role("button", name="Add").click()
    form = dialog(page, "New variable")
    form.get_by_label("Key").fill("ui_settings")
    form.get_by_label("Kind of value").select_option("json")
    form.get_by_label("Value", exact=True).fill('{"a": ')
    expect(form.get_by_text("This is no JSON.")).to_be_visible()
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    form.locator("textarea").fill('{"a": [1]}')
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Variable ui_settings is saved.")).to_be_visible()
    page.get_by_label("Show ui_settings").click()
    expect(page.locator("pre")).to_have_text('{\n  "a": [\n    1\n  ]\n}')
    assert json.loads(site.cli("variables", "get", "ui_settings")) == {"a": [1]}
    delete(page, "ui_settings", "Variable ui_settings is deleted.")


def test_a_secret_variable_is_masked_and_kept(page: Page, site: Standing) -> None:
    site.cli("variables", "set", "ui_api_token", "canary")
    page.goto("/admin/variables?edit=ui_api_token")
    form = dialog(page, "Variable ui_api_token")
    expect(form.locator("textarea")).to_have_value("")
    form.get_by_label("Description").fill("of the door")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("cell", name="of the door")).to_be_visible()
    page.get_by_label("Show ui_api_token").click()
    expect(page.locator("pre")).to_have_text("***")

    assert site.cli("variables", "get", "ui_api_token").strip() == "canary"
    delete(page, "ui_api_token", "Variable ui_api_token is deleted.")


def test_variables_go_to_a_file_and_come_from_one(
    page: Page, site: Standing, tmp_path: Path
) -> None:
    site.cli("variables", "set", "ui_there", "old")
    page.goto("/admin/variables")
    with page.expect_download() as started:
        page.get_by_role("button", name="Export").click()
    assert json.loads(started.value.path().read_text())["ui_there"] == "old"

    file = tmp_path / "in.json"
    file.write_text(json.dumps({"ui_there": "new", "ui_fresh": {"x": 1}}))
    page.get_by_role("button", name="Import").click()
    form = dialog(page, "Import variables")
    form.get_by_label("JSON file").set_input_files(file)
    expect(form.get_by_text("1 new, 1 there already.")).to_be_visible()
    form.get_by_role("button", name="Import (1)").click()

    expect(page.get_by_text("1 variables are imported.")).to_be_visible()
    site.cli("variables", "export", str(file))
    kept = json.loads(file.read_text())
    assert (kept["ui_there"], json.loads(kept["ui_fresh"])) == ("old", {"x": 1})
    for key in ("ui_there", "ui_fresh"):
        delete(page, key, f"Variable {key} is deleted.")


# ------------------------------------------------------------------------------------ pools


def test_a_pool_is_made_changed_and_deleted(page: Page) -> None:
    page.goto("/admin/pools?add=true")
    form = dialog(page, "New pool")
    form.get_by_label("Pool", exact=True).fill("ui_pool")
    form.get_by_label("Slots", exact=True).fill("3")
    form.get_by_label("Deferred tasks keep their slots").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 free")).to_be_visible()
    page.get_by_role("button", name="Edit ui_pool").click()
    page.get_by_label("Slots", exact=True).fill("-1")
    page.keyboard.press("Enter")

    expect(page.get_by_role("cell", name="no limit")).to_be_visible()
    expect(page.get_by_role("button", name="Delete default_pool")).to_be_disabled()
    delete(page, "ui_pool", "Pool ui_pool is deleted.")


# --------------------------------------------------------------------------- users and roles


@pytest.fixture
def visitor(page: Page, browser: Browser, site: Standing) -> Iterator[Page]:
    """Make a user who may look, by the pages; give a page on which he is logged in."""
    page.goto("/admin/users?add=true")
    form = dialog(page, "New user")
    form.get_by_label("User name").fill("vera")
    form.get_by_label("E-mail").fill("vera@example.com")
    form.get_by_label("Password").fill("a good password")
    form.get_by_label("Viewer").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("User vera is saved.")).to_be_visible()
    context = browser.new_context(base_url=site.url)
    there = context.new_page()
    watching = watched(there, site)
    yield log_in(next(watching), "a good password")
    next(watching, None)
    context.close()
    site.cli("users", "delete", "-u", "vera")


def log_in(page: Page, password: str) -> Page:
    page.goto("/")
    page.get_by_label("User name").fill("vera")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("banner")).to_be_visible()
    return page


def test_what_one_may_not_is_disabled_and_says_so(visitor: Page) -> None:
    visitor.goto("/admin/pools")
    add = visitor.get_by_role("button", name="Add")
    expect(add).to_be_disabled()
    expect(add).to_have_attribute("title", "Your roles do not allow this.")
    visitor.goto("/admin/users?add=true")

    expect(visitor.get_by_text("Your roles do not let you see this")).to_be_visible()
    expect(visitor.get_by_role("dialog")).to_have_count(0)
    expect(visitor.get_by_role("button", name="Add")).to_have_count(0)


def test_a_user_without_rights_left_is_out_at_once(page: Page, visitor: Page) -> None:
    page.get_by_role("button", name="Edit vera").click()
    form = dialog(page, "User vera")
    form.get_by_label("Active: may log in").uncheck()
    expect(form.get_by_role("alert")).to_contain_text("logged out everywhere")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("deactivated")).to_be_visible()

    visitor.goto("/dags")
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()


def test_ending_sessions_asks_first(page: Page, visitor: Page) -> None:
    page.get_by_role("button", name="End all sessions: vera").click()
    question = dialog(page, "Log vera out everywhere?")
    expect(question).to_contain_text("tokens")
    question.get_by_role("button", name="End them").click()
    expect(page.get_by_text("vera is logged out everywhere.")).to_be_visible()

    visitor.goto("/dags")
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()


def test_ones_own_account_cannot_be_deleted(page: Page) -> None:
    page.goto("/admin/users")

    expect(page.get_by_role("button", name="Delete admin: this is you")).to_be_disabled()


def test_a_role_is_a_table_with_rows_for_single_dags(page: Page) -> None:
    page.goto("/admin/roles?add=true")
    form = dialog(page, "New role")
    form.get_by_label("Role", exact=True).fill("ui_role")
    form.get_by_label("See Pools").check()
    form.get_by_label("Rights on one DAG").fill("word_count")
    form.get_by_role("button", name="Add the row").click()
    form.get_by_label("Edit DAG:word_count").check()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Role ui_role is saved.")).to_be_visible()
    page.get_by_role("button", name="Edit ui_role").click()

    again = dialog(page, "Role ui_role")
    expect(again.get_by_label("Edit DAG:word_count")).to_be_checked()
    expect(again.get_by_label("See Pools")).to_be_checked()
    expect(again.get_by_label("Delete Pools")).not_to_be_checked()
    page.keyboard.press("Escape")
    delete(page, "ui_role", "Role ui_role is deleted.")


# ---------------------------------------------------------------------------------- account


def test_a_token_is_shown_once_and_lets_in_until_it_is_revoked(page: Page, site: Standing) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Make a token").click()
    form = dialog(page, "Make a token")
    form.get_by_label("What it is for").fill("ui test")
    form.get_by_label("Days until it ends").fill("1")
    form.get_by_role("button", name="Make a token").click()
    shown = dialog(page, "Your new token")
    token = shown.locator("code").inner_text()
    headers = {"Authorization": f"Bearer {token}"}
    ask = page.context.request
    assert ask.get(f"{site.url}/api/v1/me", headers=headers).status == 200
    assert ask.post(f"{site.url}/api/v1/me/tokens", headers=headers, data={}).status == 403
    shown.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("cell", name="only read")).to_be_visible()
    assert token not in page.content()
    page.get_by_role("button", name="Revoke ui test").click()
    dialog(page, "Revoke the token ui test?").get_by_role("button", name="Revoke").click()

    expect(page.get_by_text("The token ui test is revoked.")).to_be_visible()
    assert ask.get(f"{site.url}/api/v1/me", headers=headers).status == 401


def test_a_new_password_asks_for_a_new_login(visitor: Page) -> None:
    visitor.get_by_role("button", name="Account of vera").click()
    visitor.get_by_role("link", name="Account and tokens").click()
    visitor.get_by_label("Current password").fill("a good password")
    visitor.get_by_label("New password", exact=True).fill("an even better one")
    visitor.get_by_label("New password again").fill("another")
    expect(visitor.get_by_text("They differ.")).to_be_visible()
    visitor.get_by_label("New password again").fill("an even better one")
    visitor.get_by_role("button", name="Change the password").click()
    expect(visitor.get_by_role("button", name="Log in")).to_be_visible()

    log_in(visitor, "an even better one")


def test_one_ends_a_session_elsewhere(visitor: Page, browser: Browser, site: Standing) -> None:
    context = browser.new_context(base_url=site.url)
    elsewhere = log_in(context.new_page(), "a good password")
    visitor.goto("/account")
    visitor.get_by_role("button", name="End", exact=True).click()
    dialog(visitor, "End this session?").get_by_role("button", name="End", exact=True).click()
    expect(visitor.get_by_text("The session has ended.")).to_be_visible()

    elsewhere.goto("/dags")
    expect(elsewhere.get_by_role("button", name="Log in")).to_be_visible()
    context.close()
