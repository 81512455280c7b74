/** Where the rows of a long list lie, so that only those in sight need be drawn. */

export class Layout {
  /** Where each row begins, and after the last where they all end. */
  private readonly tops: Float64Array;

  constructor(
    readonly count: number,
    heightOf: (index: number) => number,
  ) {
    this.tops = new Float64Array(count + 1);
    for (let index = 0; index < count; index += 1) this.tops[index + 1] = (this.tops[index] as number) + heightOf(index);
  }

  get height(): number {
    return this.tops[this.count] ?? 0;
  }

  top(index: number): number {
    return this.tops[Math.max(0, Math.min(this.count, index))] ?? 0;
  }

  /** The row at this height; the first or last one beyond the ends. */
  at(height: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.tops[middle] as number) <= height) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  /** First row in sight and the one after the last. */
  between(from: number, to: number): [number, number] {
    return this.count ? [this.at(from), Math.min(this.count, this.at(to) + 1)] : [0, 0];
  }
}
