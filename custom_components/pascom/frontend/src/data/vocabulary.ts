/** Texts in the language of Home Assistant, one vocabulary an area: English is there at once, others are fetched. */

type Values = Record<string, string | number>;
type Loaders = Record<string, () => Promise<unknown>>;

const vocabularies = new Set<{ speak(language: string): Promise<void> }>();
const listeners = new Set<() => void>();
let spoken = "en";

/** `english` with its translations as `import.meta.glob` finds them: by the language that a file is named after. */
export class Vocabulary<Texts extends Record<string, string>> {
  private texts: Texts;

  constructor(
    private readonly english: Texts,
    private readonly loaders: Loaders,
  ) {
    this.texts = english;
    vocabularies.add(this);
    if (spoken !== "en") void this.speak(spoken).then(told);
  }

  /** The text of this key; `{name}` and its like are replaced. */
  readonly t = (key: keyof Texts & string, values: Values = {}): string =>
    this.texts[key]!.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

  async speak(language: string): Promise<void> {
    const loader = this.loader(language) ?? this.loader(language.split("-")[0] ?? "");
    const texts = loader ? ((await loader()) as { default: Texts }).default : this.english;
    if (language === spoken) this.texts = texts;
  }

  private loader(language: string): (() => Promise<unknown>) | undefined {
    return Object.entries(this.loaders).find(([path]) => path.endsWith(`/${language}.json`))?.[1];
  }
}

/** All areas speak this language from now on, those that are loaded later, too. */
export async function speak(language: string): Promise<void> {
  spoken = language;
  await Promise.all([...vocabularies].map((each) => each.speak(language)));
  told();
}

/** Hears whenever texts have changed. */
export function whenSpoken(listener: () => void): void {
  listeners.add(listener);
}

function told(): void {
  for (const listener of listeners) listener();
}
