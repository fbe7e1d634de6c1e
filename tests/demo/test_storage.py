"""What the LMS's page keeps for a tool: what logins and pages say of it, by profile and switch.

How its script answers is tried in a browser, in `tests/journeys/browser/test_cross_site.py`.
"""

import html
import re

import pytest
import requests

from .standin import Lms, read_form

FORWARDING = "post_message_forwarding"
ACTIVITY = "/courses/2/items/11"


def told(lms: Lms, path: str = ACTIVITY) -> dict[str, str]:
    """Returns what the page's script is told; nothing where there is none."""
    page = requests.get(f"{lms.url}{path}", timeout=10).text
    element = re.search(r"<div hidden\s+data-messages[^>]*>", page)
    found = re.findall(r'data-([\w-]+)="([^"]*)"', element[0]) if element else []
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize(
    ("profile", "target", "resizes"),
    [("moodle", None, False), ("canvas", FORWARDING, True), ("strict", "_parent", False)],
)
def test_each_profile_keeps_data_where_its_lms_does(
    lms: Lms, profile: str, target: str | None, resizes: bool
) -> None:
    lms.control("PUT", "profile", {"profile": profile})
    login = lms.initiate("amina")
    assert login.fields.get("lti_storage_target") == target
    answer = read_form(lms.authorise(login.fields).text)
    assert answer.fields.get("lti_storage_target") == target
    said = told(lms)
    assert said.get("target") == target
    assert bool(said.get("resizes")) == resizes
    if said:
        assert said["tool-origin"] == lms.tool.url
        assert said["answers"] == "right"


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
@pytest.mark.parametrize("storage", ["_parent", FORWARDING, ""])
def test_storage_can_be_switched_on_and_off_in_every_profile(
    lms: Lms, profile: str, storage: str
) -> None:
    lms.control("PUT", "profile", {"profile": profile})
    lms.control("PUT", "settings", {"storage": storage})
    assert lms.initiate("amina").fields.get("lti_storage_target", "") == storage
    assert told(lms).get("target", "") == storage


def test_the_named_frame_is_there_and_answers_as_the_page_does(lms: Lms) -> None:
    lms.control("PUT", "profile", {"profile": "canvas"})
    page = requests.get(f"{lms.url}{ACTIVITY}", timeout=10).text
    assert f'name="{FORWARDING}"' in page
    frame = re.search(r'src="([^"]+/lti/post-message-forwarding)"', page)
    assert frame
    assert frame[1].startswith(lms.url)
    forwarding = told(lms, "/lti/post-message-forwarding")
    assert forwarding["target"] == FORWARDING
    lms.control("PUT", "settings", {"storage_answers": "no-frame"})
    assert f'name="{FORWARDING}"' not in requests.get(f"{lms.url}{ACTIVITY}", timeout=10).text


def test_the_stranger_is_of_another_origin(lms: Lms) -> None:
    lms.control("PUT", "settings", {"storage": "_parent", "storage_answers": "wrong-origin"})
    page = requests.get(f"{lms.url}{ACTIVITY}", timeout=10).text
    stranger = re.search(r'src="([^"]+/lti/stranger)"', page)
    assert stranger
    assert not stranger[1].startswith(lms.url)
    assert requests.get(stranger[1], timeout=10).status_code == 200


def test_an_unknown_way_to_answer_is_refused(lms: Lms) -> None:
    for name in ("storage", "storage_answers"):
        answer = requests.put(f"{lms.url}/control/settings", json={name: "sometimes"}, timeout=10)
        assert answer.status_code == 400


def test_the_settings_page_switches_storage(lms: Lms) -> None:
    form = {"share_names": "on", "storage": FORWARDING, "storage_answers": "never"}
    requests.post(f"{lms.url}/settings/launches", data=form, timeout=10)
    switches = lms.control("GET", "settings")
    assert (switches["storage"], switches["storage_answers"]) == (FORWARDING, "never")
    page = requests.get(f"{lms.url}/settings", timeout=10).text
    assert re.search(rf'value="{FORWARDING}"\s+selected', page)
    requests.post(f"{lms.url}/settings/launches", data=form | {"storage": "?"}, timeout=10)
    assert lms.control("GET", "settings")["storage"] == FORWARDING
