// Places in a text that could tell who somebody is: shown beside it, found in it, left as they are.

import { number } from "./times.js";

export class Places {
  constructor(root, box, { words, onLeave }) {
    Object.assign(this, { root, box, words, onLeave });
    this.list = root.querySelector("[data-place-list]");
    this.count = root.querySelector("[data-places-count]");
  }

  /** Shows what the server found; the focus stays where it is as far as it can. */
  show(places) {
    const held = document.activeElement?.closest?.("[data-mark]")?.dataset.mark;
    const which = document.activeElement?.matches?.("[data-leave]") ? "[data-leave]" : "[data-show]";
    this.list.replaceChildren(...places.map((place) => this.#item(place)));
    this.#counted(places.length);
    if (held) this.list.querySelector(`[data-mark="${held}"] ${which}`)?.focus();
  }

  #counted(many) {
    this.root.hidden = many === 0;
    const sentence = many === 1 ? this.words.places_one : this.words.places_many;
    this.count.textContent = sentence.replace("{count}", number(many));
  }

  #item(place) {
    const item = document.getElementById("place").content.firstElementChild.cloneNode(true);
    item.dataset.mark = place.mark;
    const say = (name, text) => {
      for (const part of item.querySelectorAll(`[data-${name}]`)) part.textContent = text;
    };
    say("what", `${place.what}:`);
    say("why", place.why);
    say("before", place.before);
    say("found", place.words);
    say("after", place.after);
    say("named", place.words);
    say("times", place.times > 1 ? this.words.times.replace("{count}", number(place.times)) : "");
    item.querySelector("[data-show]").addEventListener("click", () => this.#find(place));
    item.querySelector("[data-leave]").addEventListener("click", () => this.#leave(item, place));
    return item;
  }

  #leave(item, place) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#counted(this.list.children.length);
    (next?.querySelector("[data-leave]") ?? this.box).focus();
    this.onLeave(place.mark);
  }

  /** Selects the place, or the nearest one like it in what was typed since. */
  #find({ words, start }) {
    const found = [];
    for (let at = this.box.value.indexOf(words); at >= 0; at = this.box.value.indexOf(words, at + 1)) found.push(at);
    found.sort((one, other) => Math.abs(one - start) - Math.abs(other - start));
    this.box.hidden = false;
    // A box scrolls to where the caret is as it gets the focus.
    this.box.blur();
    if (found.length) this.box.setSelectionRange(found[0], found[0] + words.length);
    this.box.focus();
  }
}
