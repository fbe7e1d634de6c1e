// News between the tabs of one person: what one saved, the others show.

export class Tabs {
  #channel = null;

  constructor({ slot, instrument }, onNews) {
    if (!("BroadcastChannel" in window)) return;
    this.#channel = new BroadcastChannel(`imhcf:${slot}:${instrument}`);
    this.#channel.addEventListener("message", (event) => onNews(event.data));
  }

  tell(news) {
    this.#channel?.postMessage(news);
  }
}
