/** Things to come on virtual time, earliest first and of one moment in the order in which they were planned. For tests. */
export class Agenda {
  /** The moment of what was taken last. */
  at = 0;
  private planned = 0;
  private readonly items: { readonly at: number; readonly n: number; readonly what: () => void }[] = [];

  plan(at: number, what: () => void): void {
    this.planned += 1;
    this.items.push({ at, n: this.planned, what });
  }

  /** Something is still to come at this very moment. */
  get isBusy(): boolean {
    return this.items.some(({ at }) => at === this.at);
  }

  /** Lets time pass to the next thing and does it; false when nothing is left. */
  pass(): boolean {
    let best = -1;
    for (const [index, { at, n }] of this.items.entries()) {
      const first = this.items[best];
      if (!first || at < first.at || (at === first.at && n < first.n)) best = index;
    }
    const [next] = best < 0 ? [] : this.items.splice(best, 1);
    if (!next) return false;
    this.at = next.at;
    next.what();
    return true;
  }
}
