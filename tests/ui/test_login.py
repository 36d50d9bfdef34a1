"""Getting in and out."""

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.standing import Standing


def test_whoever_is_not_logged_in_sees_the_login_alone(site: Standing, browser: Browser) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/dags")

    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    expect(page.get_by_role("banner")).to_have_count(0)
    page.close()


def test_a_korean_browser_is_spoken_to_in_korean(site: Standing, browser: Browser) -> None:
    page = browser.new_page(base_url=site.url, locale="ko-KR")
    page.goto("/dags")

    expect(page.get_by_role("button", name="로그인")).to_be_visible()
    page.close()


def test_words_that_do_not_come_leave_english(site: Standing, browser: Browser) -> None:
    page = browser.new_page(base_url=site.url, locale="ko-KR")
    page.route("**/assets/ko-*.js", lambda route: route.abort())
    page.goto("/dags")

    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.close()


def test_a_wrong_password_is_said(site: Standing, browser: Browser) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("alert")).to_contain_text("password")
    page.close()


def test_logging_out_leads_to_the_login(site: Standing, browser: Browser) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Account of admin").click()
    page.get_by_role("button", name="Log out").click()

    expect(page.get_by_label("Password")).to_be_visible()
    page.close()


def test_who_loses_the_session_goes_on_after_a_login(page: Page, site: Standing) -> None:
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.context.clear_cookies()  # the page asks again soon by itself
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Log in").click()

    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page).to_have_url("/runs")


def test_the_language_and_the_theme_stay_chosen(page: Page) -> None:
    page.goto("/dags")
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Language").select_option("ko")
    page.get_by_label("테마").select_option("dark")
    page.reload()

    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_page_opened_without_the_metastore_says_so_and_comes_by_itself(
    context: BrowserContext,
) -> None:
    page = context.new_page()
    refusal = {"title": "Service Unavailable", "detail": "the metastore does not answer now"}
    page.route("**/api/v1/**", lambda route: route.fulfill(status=503, json=refusal))
    page.goto("/admin/pools")
    expect(page.get_by_role("alert")).to_contain_text("he metastore does not answer now")
    page.unroute("**/api/v1/**")

    expect(page.get_by_role("table", name="Pools")).to_be_visible()
    page.route("**/api/v1/health", lambda route: route.fulfill(status=503, json=refusal))
    expect(page.get_by_role("alert")).to_have_text("The metastore does not answer.")
