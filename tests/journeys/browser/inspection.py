"""What is asked of every page: axe at WCAG 2.2 AA, no sideways scrolling, room for a finger."""

from axe_playwright_python.sync_playwright import Axe

from tests.journeys.browser.device import PHONE, WIDE, View, page_of

AXE = Axe().axe_script
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]  # all that axe says of colours
# What is looked for in which size and colour scheme; half of it finds nearly all there is.
LOOKS = {
    "full": (
        (WIDE, "light", RULES),
        (WIDE, "dark", COLOURS),
        (PHONE, "light", RULES),
        (PHONE, "dark", COLOURS),
    ),
    "half": ((WIDE, "light", RULES), (PHONE, "dark", RULES)),
}
ROOMY = 44  # CSS pixels, see ux.md

UNFOLD = "document.querySelectorAll('details:not([data-menu])').forEach((fold) => fold.open = true)"
VIOLATIONS = """async (rules) => {
    const options = {runOnly: rules, resultTypes: ["violations"], iframes: false};
    const {violations} = await axe.run(document, options);
    return violations.flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id} at ${node.target}: ${node.failureSummary}`));
}"""
TOO_WIDE = """() => {
    const {scrollWidth, clientWidth} = document.scrollingElement;
    return scrollWidth > clientWidth ? [`${scrollWidth} pixels wide in ${clientWidth}`] : [];
}"""
TOO_SMALL = """(roomy) => [...document.querySelectorAll(
    "button, summary, select, textarea, .btn, nav a, .domain-row, input:not([type=hidden])",
)].map((it) => it.matches("[type=radio], [type=checkbox]") ? it.closest("label") ?? it : it)
    .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < roomy - 0.5)
    .map((it) => `${it.getBoundingClientRect().height} pixels high: ${it.outerHTML.slice(0, 120)}`)
"""


class Inspection:
    """Looks at page after page, and gathers what is wrong with them."""

    looks = LOOKS["full"]

    def __init__(self) -> None:
        self._found: list[str] = []

    def __enter__(self) -> "Inspection":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            assert not self._found, "\n".join(self._found)

    def look(self, name: str, view: View) -> None:
        """Looks at one page in each size and colour scheme."""
        page = page_of(view)
        page.bring_to_front()
        view.evaluate(UNFOLD)
        view.evaluate(AXE)
        for size, scheme, rules in self.looks:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(color_scheme=scheme)
            view.evaluate("scrollTo(0, 0)")  # the bar covers what is scrolled beneath it
            where = f"{name}, {size[0]} pixels, {scheme}"
            self._note(where, view.evaluate(VIOLATIONS, rules))
            self._note(where, view.evaluate(TOO_WIDE))
        self._note(f"{name}, on a phone", view.evaluate(TOO_SMALL, ROOMY))
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})

    def _note(self, where: str, problems: list[str]) -> None:
        self._found += [f"{where}: {problem}" for problem in problems]
