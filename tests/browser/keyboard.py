"""Somebody who has only a keyboard, and must always see where the focus is."""

import time

from tests.browser.pages import leads_on

LONGEST_WAY = 90
# A page may move the focus a moment after it changed, never later than this.
SETTLED = 5  # seconds
# Says what is wrong with the focus, or nothing. A hidden radio button shows its
# focus on its label. Of what has the focus some part must lie under no bar.
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return 'the focus is lost';
  const isOutlined = box => {
    const style = getComputedStyle(box);
    return style.outlineStyle === 'auto' ||
      (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  };
  const outlined = [at, ...(at.labels || [])].filter(isOutlined);
  if (!outlined.length) return `no outline: ${at.outerHTML.slice(0, 120)}`;
  const isSeen = box => {
    const {left, top, width, height} = box.getBoundingClientRect();
    if (width < 4 || height < 4) return false;
    const shares = [.1, .5, .9];
    return shares.some(x => shares.some(y => {
      const found = document.elementFromPoint(left + width * x, top + height * y);
      return found && (box.contains(found) || found.contains(box));
    }));
  };
  return outlined.some(isSeen) ? '' : `covered: ${at.outerHTML.slice(0, 120)}`;
}"""


class Keyboard:
    """Walk through pages by keys alone, looking at the focus at every stop."""

    def __init__(self, page):
        self.page = page
        self.stops = 0

    def look(self):
        """See that the focus is somewhere, outlined, and not covered."""
        self.stops += 1
        until = time.monotonic() + SETTLED
        while wrong := self.page.evaluate(FOCUS):
            assert time.monotonic() < until, wrong
            self.page.wait_for_timeout(50)

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.look()

    def type(self, text):
        self.page.keyboard.type(text)
        self.look()

    def go_to(self, target, *, by="Tab"):
        """Press Tab until something has the focus."""
        handle = target.first.element_handle()
        for _stop in range(LONGEST_WAY):
            self.page.keyboard.press(by)
            self.look()
            if handle.evaluate("target => target === document.activeElement"):
                return
        raise AssertionError(f"{by} never reached {target}")

    def follow(self, *, until):
        """Press Enter on a link; a new page is read from its top."""
        with leads_on(self.page):
            self.page.keyboard.press("Enter")
        until.first.wait_for()

    def act(self, *keys, until):
        """Press keys that change something; the focus is then where it was done."""
        for key in keys:
            self.page.keyboard.press(key)
        until.first.wait_for()
        self.page.wait_for_load_state()
        self.look()
