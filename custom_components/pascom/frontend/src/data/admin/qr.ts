/** QR codes (ISO/IEC 18004): text as bytes, error correction M, up to version 10, which holds 213 bytes. */

/** Of each version: codewords of error correction a block, blocks of the first kind and their data, of the second kind. */
const BLOCKS: readonly (readonly [number, number, number, number])[] = [
  [10, 1, 16, 0], [16, 1, 28, 0], [26, 1, 44, 0], [18, 2, 32, 0], [24, 2, 43, 0],
  [16, 4, 27, 0], [18, 4, 31, 0], [22, 2, 38, 2], [22, 3, 36, 2], [26, 4, 43, 1],
];
const ALIGNED: readonly (readonly number[])[] = [
  [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
];
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (_, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

type Grid = (boolean | null)[][];

/** The dark modules, row by row.  Throws a RangeError for more than fits. */
export function qr(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  const version = 1 + BLOCKS.findIndex((blocks, index) => bytes.length + (index < 9 ? 2 : 3) <= dataOf(blocks));
  if (!version) throw new RangeError("too long for a QR code");
  const bits = woven(filled(bytes, version), version);
  const drawn = MASKS.map((_, mask) => draw(version, bits, mask));
  return drawn.reduce((best, each) => (ugliness(each) < ugliness(best) ? each : best));
}

/** One path of SVG for all dark modules, a unit each. */
export function qrPath(modules: readonly boolean[][]): string {
  return modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
}

function dataOf([, first, size, second]: readonly [number, number, number, number]): number {
  return first * size + second * (size + 1);
}

function filled(bytes: Uint8Array, version: number): number[] {
  const most = dataOf(BLOCKS[version - 1]!);
  const bits: number[] = [];
  const put = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, most * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const words = Array.from({ length: bits.length / 8 }, (_, index) => parseInt(bits.slice(index * 8, index * 8 + 8).join(""), 2));
  for (let pad = 0; words.length < most; pad += 1) words.push(pad % 2 ? 0x11 : 0xec);
  return words;
}

/** Data and correction of all blocks, a word of each in turn, as bits. */
function woven(words: readonly number[], version: number): number[] {
  const [correction, first, size, second] = BLOCKS[version - 1]!;
  const blocks: number[][] = [];
  for (let block = 0, at = 0; block < first + second; block += 1) {
    const length = size + (block < first ? 0 : 1);
    blocks.push(words.slice(at, at + length));
    at += length;
  }
  const checks = blocks.map((block) => corrected(block, correction));
  const turns = (of: number[][], length: number): number[] => Array.from({ length }, (_, index) => of.flatMap((block) => block[index] ?? [])).flat();
  return [...turns(blocks, size + 1), ...turns(checks, correction)].flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (word >> bit) & 1));
}

const POWERS = new Array<number>(255);
const LOGS = new Array<number>(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  POWERS[power] = value;
  LOGS[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

function times(a: number, b: number): number {
  return a && b ? POWERS[(LOGS[a]! + LOGS[b]!) % 255]! : 0;
}

/** Reed-Solomon over GF(256). */
function corrected(block: readonly number[], length: number): number[] {
  let generator = [1];
  for (let root = 0; root < length; root += 1) {
    const next = [...generator, 0];
    generator.forEach((factor, index) => (next[index + 1]! ^= times(factor, POWERS[root]!)));
    generator = next;
  }
  const rest = [...block, ...new Array<number>(length).fill(0)];
  block.forEach((_, index) => {
    const lead = rest[index]!;
    if (lead) generator.forEach((factor, offset) => (rest[index + offset]! ^= times(factor, lead)));
  });
  return rest.slice(block.length);
}

function draw(version: number, bits: readonly number[], mask: number): boolean[][] {
  const size = 17 + 4 * version;
  const grid: Grid = Array.from({ length: size }, () => new Array<boolean | null>(size).fill(null));
  patterns(grid, version);
  described(grid, version, mask);
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1)
      for (const column of [right, right - 1]) {
        const row = up ? size - 1 - step : step;
        if (grid[row]![column] === null) grid[row]![column] = Boolean(bits[bit++] ?? 0) !== MASKS[mask]!(row, column);
      }
  }
  return grid as boolean[][];
}

function patterns(grid: Grid, version: number): void {
  const size = grid.length;
  const ring = (top: number, left: number, reach: number, dark: (distance: number) => boolean): void => {
    for (let y = -reach; y <= reach; y += 1)
      for (let x = -reach; x <= reach; x += 1) {
        const row = grid[top + y];
        if (row && left + x >= 0 && left + x < size) row[left + x] = dark(Math.max(Math.abs(x), Math.abs(y)));
      }
  };
  for (const [top, left] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) ring(top, left, 4, (distance) => distance !== 2 && distance !== 4);
  const places = ALIGNED[version - 1]!;
  const last = places.at(-1);
  for (const top of places)
    for (const left of places) {
      const taken = (top === 6 && left === 6) || (top === 6 && left === last) || (top === last && left === 6);
      if (!taken) ring(top, left, 2, (distance) => distance !== 1);
    }
  for (let at = 8; at < size - 8; at += 1) {
    grid[6]![at] ??= at % 2 === 0;
    grid[at]![6] ??= at % 2 === 0;
  }
  grid[size - 8]![8] = true;
}

/** Which correction and mask, and from version 7 on which version: each with a remainder that mends it. */
function described(grid: Grid, version: number, mask: number): void {
  const size = grid.length;
  const format = ((mask << 10) | remainder(mask, 10, 0x537)) ^ 0x5412;
  const bit = (of: number, at: number): boolean => ((of >> at) & 1) === 1;
  for (let at = 0; at < 15; at += 1) {
    const dark = bit(format, at);
    grid[at < 6 ? at : at < 8 ? at + 1 : size - 15 + at]![8] = dark;
    grid[8]![at < 8 ? size - 1 - at : at === 8 ? 7 : 14 - at] = dark;
  }
  if (version < 7) return;
  const told = (version << 12) | remainder(version, 12, 0x1f25);
  for (let at = 0; at < 18; at += 1) {
    const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)];
    grid[near]![far] = grid[far]![near] = bit(told, at);
  }
}

function remainder(value: number, length: number, divisor: number): number {
  let rest = value;
  for (let at = 0; at < length; at += 1) rest = (rest << 1) ^ (rest >> (length - 1) ? divisor : 0);
  return rest;
}

/** How hard it is to read, by the rules of the standard. */
function ugliness(grid: readonly boolean[][]): number {
  const size = grid.length;
  const columns = grid.map((_, x) => grid.map((row) => row[x]!));
  let points = 0;
  for (const line of [...grid, ...columns]) {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    for (const odd of ["10111010000", "00001011101"]) for (let at = text.indexOf(odd); at >= 0; at = text.indexOf(odd, at + 1)) points += 40;
  }
  for (let y = 1; y < size; y += 1)
    for (let x = 1; x < size; x += 1) {
      const dark = grid[y]![x];
      if (dark === grid[y - 1]![x] && dark === grid[y]![x - 1] && dark === grid[y - 1]![x - 1]) points += 3;
    }
  const dark = grid.flat().filter(Boolean).length / (size * size);
  return points + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
}
