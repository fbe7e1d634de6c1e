"""The pages that people see, and the switches on them."""

import re

import pytest
import requests

from .standin import Lms


def page(lms: Lms, path: str, who: str = "", status: int = 200) -> str:
    answer = requests.get(lms.url + path, params={"as": who} if who else {}, timeout=10)
    assert answer.status_code == status, answer.text
    return answer.text


def text(html: str) -> str:
    main = html[html.index("<main") : html.index("</main>")] if "<main" in html else html
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def send(lms: Lms, path: str, **form: str) -> requests.Response:
    return requests.post(lms.url + path, data=form, timeout=10)


def test_home_shows_the_courses_of_who_acts(lms: Lms) -> None:
    assert "Supporting early relationships" in text(page(lms, "/", "amina"))
    assert "Supporting early relationships" not in text(page(lms, "/", "yusuf"))


def test_acting_as_somebody_lasts_and_leads_back(lms: Lms) -> None:
    with requests.Session() as browser:
        answer = browser.post(
            f"{lms.url}/act-as", data={"person": "morag", "back": "/courses/3"}, timeout=10
        )
        assert answer.url == f"{lms.url}/courses/3"
        assert "You act as Morag Sinclair" in text(browser.get(lms.url, timeout=10).text)


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""]
)
def test_acting_as_somebody_never_leads_elsewhere(lms: Lms, back: str) -> None:
    answer = requests.post(
        f"{lms.url}/act-as",
        data={"person": "morag", "back": back},
        timeout=10,
        allow_redirects=False,
    )

    assert answer.headers["Location"] == "/"


def test_forgotten_cookie_is_no_problem(lms: Lms) -> None:
    answer = requests.get(lms.url, cookies={"lms_user": "learner-999"}, timeout=10)

    assert "You act as Amina" in text(answer.text)


def test_course_shows_activities_and_what_the_tool_is_told(lms: Lms) -> None:
    shown = text(page(lms, "/courses/2", "amina"))

    assert "Domains 1 and 2 only" in shown
    assert "domains 1,2" in shown
    assert "this activity has no custom parameters" in shown
    assert "No grade yet" in shown


def test_activity_has_the_tool_in_a_frame(lms: Lms) -> None:
    html = page(lms, "/courses/2/items/11", "cerys")

    assert 'src="/courses/2/items/11/launch?as=cerys"' in html
    assert 'allow="fullscreen"' in html


def test_tutor_sees_all_grades_and_a_learner_their_own(lms: Lms) -> None:
    lms.post_score(lms.lineitem(), scoreGiven=64, comment="Forty rated")
    lms.post_score(lms.lineitem(), userId="4", scoreGiven=77)

    for who in ("morag", "gethin"):
        book = text(page(lms, "/courses/2/grades", who))
        assert "64 /100 Forty rated 20 Nov 2026, 10:00:00 UTC · written once" in book
        assert "77" in book
    own = text(page(lms, "/courses/2/grades", "amina"))
    assert "64" in own
    assert "77" not in own
    assert "Your grade: 64 of 100 Forty rated" in text(page(lms, "/courses/2", "amina"))


def test_grades_can_be_fetched_without_the_page_around_them(lms: Lms) -> None:
    html = requests.get(f"{lms.url}/courses/2/grades?fragment=1&as=morag", timeout=10).text

    assert "<html" not in html
    assert "Cerys Llŷr" in html


def test_people_are_listed_with_what_the_tool_calls_them(lms: Lms) -> None:
    lms.play("canvas")
    shown = page(lms, "/courses/2/people", "morag")

    assert lms.user_id("amina") in shown
    assert lms.user_id("amina") not in page(lms, "/courses/2/people", "amina")


@pytest.mark.parametrize(
    ("path", "who", "status"),
    [
        ("/courses/3", "yusuf", 403),
        ("/courses/3/grades", "yusuf", 403),
        ("/courses/99", "amina", 404),
        ("/courses/2/items/21", "amina", 404),
        ("/courses/2", "nobody", 404),
        ("/nowhere", "", 404),
    ],
)
def test_what_is_not_there_is_said_on_a_page(lms: Lms, path: str, who: str, status: int) -> None:
    assert "That did not work" in text(page(lms, path, who, status))


def test_comment_of_the_tool_is_shown_as_text(lms: Lms) -> None:
    lms.post_score(lms.lineitem(), comment="<script>alert(1)</script>")

    assert "<script>alert" not in page(lms, "/courses/2/grades", "morag")


def test_return_page_says_what_the_tool_says(lms: Lms) -> None:
    html = page(lms, "/courses/2/items/11/return?lti_errormsg=<b>Sorry</b>")

    assert "something went wrong: &lt;b&gt;Sorry&lt;/b&gt;" in html


def test_profile_is_switched_on_the_settings_page(lms: Lms) -> None:
    answer = send(lms, "/settings/profile", profile="strict")

    assert "The profile was switched" in text(answer.text)
    assert lms.control("GET", "settings")["profile"] == "strict"
    assert send(lms, "/settings/profile", profile="x").status_code == 400


def test_launches_are_switched_on_the_settings_page(lms: Lms) -> None:
    send(lms, "/settings/launches", own_clock="on", initiate_by="GET")

    settings = lms.control("GET", "settings")
    assert (settings["share_names"], settings["lineitem_claim"]) == (False, False)
    assert (settings["own_clock"], settings["initiate_by"]) == (True, "GET")


def test_faults_are_switched_on_and_off_on_the_settings_page(lms: Lms) -> None:
    shown = send(lms, "/settings/faults", kind="429", scope="scores", remaining="3", seconds="5")
    assert "429: too many requests on scores, for 3 more calls" in text(shown.text)
    send(lms, "/settings/faults", kind="down", scope="all", remaining="", seconds="")
    assert "2 faults are switched on" in page(lms, "/")

    first = lms.control("GET", "faults")["faults"][0]
    assert (first["kind"], first["remaining"]) == ("429", 3)
    send(lms, f"/settings/faults/{first['number']}/remove")
    assert len(lms.control("GET", "faults")["faults"]) == 1
    send(lms, "/settings/faults/clear")
    assert lms.control("GET", "faults")["faults"] == []
    assert send(lms, "/settings/faults", kind="x", scope="all").status_code == 400


def test_starting_again_asks_first(lms: Lms) -> None:
    lms.post_score(lms.lineitem())
    assert send(lms, "/settings/reset").status_code == 400
    assert lms.cells()

    send(lms, "/settings/reset", sure="on")

    assert lms.cells() == []


def test_settings_page_shows_the_latest_calls(lms: Lms) -> None:
    lms.fault("500", scope="keyset")
    requests.get(f"{lms.url}/lti/jwks.json", timeout=10)

    assert re.search(r"GET keyset 500 500", text(page(lms, "/settings")))


def test_pages_need_nothing_from_elsewhere(lms: Lms) -> None:
    answer = requests.get(f"{lms.url}/courses/2/grades?as=morag", timeout=10)

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
    for link in re.findall(r'(?:src|href)="(/[^"#?]*(?:css|js|svg)[^"]*)"', answer.text):
        assert requests.get(lms.url + link, timeout=10).status_code == 200
