/** What the address of a notification asks of the panel: to answer what rings, or to have a number at hand. */

export interface Asked {
  /** The id of a call, or of a door's ring. */
  answer: string;
  number: string;
  /** The config entry of the PBX that is meant, of several. */
  pbx: string;
}

/** Nothing that comes by an address is longer. */
const LONGEST = 128;

export function askedBy(search: string): Asked {
  const query = new URLSearchParams(search);
  const of = (key: string): string => (query.get(key) ?? "").slice(0, LONGEST);
  return { answer: of("answer"), number: of("number"), pbx: of("pbx") };
}

interface Ringing {
  call: string;
  door: string;
}

interface AtDoor {
  ring: string;
  view: string;
}

/** What this needs of the house. */
export interface Answerable<Line extends Ringing = Ringing> {
  engine: { readonly ringing: readonly Line[]; answer(line: Line): unknown };
  doors: { line(door: string): AtDoor | undefined; watch(door: string): unknown; talk(door: string): unknown };
  store: { listen(listener: () => void): () => void };
}

/** Seconds until a page that has just been opened rings as well. */
const PATIENCE = 10;

/** Answers as soon as it rings here, too; `tooLate` where it does not any more.  `later` takes seconds. */
export function answerWhenRinging<Line extends Ringing>(
  house: Answerable<Line>,
  { answer, door }: { answer: string; door: string },
  tooLate: () => void,
  later: (seconds: number, work: () => void) => void = (seconds, work) => void setTimeout(work, seconds * 1000),
): void {
  let waiting = true;
  let watched = false;
  const done = (): void => {
    waiting = false;
    deaf();
  };
  const look = (): void => {
    if (!waiting) return;
    if (door) {
      const line = house.doors.line(door);
      if (line?.ring !== answer) return;
      if (line.view === "watching") {
        done();
        house.doors.talk(door);
      } else if (line.view === "closed" && !watched) {
        watched = true;
        house.doors.watch(door);
      }
      return;
    }
    const line = house.engine.ringing.find((each) => each.call === answer && !each.door);
    if (line === undefined) return;
    done();
    house.engine.answer(line);
  };
  const deaf = house.store.listen(look);
  later(PATIENCE, () => {
    if (!waiting) return;
    const rings = door !== "" && house.doors.line(door)?.ring === answer;
    done();
    if (!rings) tooLate();
  });
  look();
}
