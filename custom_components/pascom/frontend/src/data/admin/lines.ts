/** Lines to the outside: Home Assistant keeps them and starts the PBX with them, so its own dialog is what is filled in. */

import { refusal, type Hass } from "../link";

export interface LineFields {
  display_name: string;
  profile: string;
  registrar?: string;
  username: string;
  password?: string;
  prefix?: string;
  country?: string;
  area?: string;
  caller_number?: string;
}

export const PROVIDERS = [
  ["fritzbox", "FRITZ!Box"], ["telekom", "Deutsche Telekom"], ["sipgate", "sipgate trunking"], ["easybell", "easybell"],
  ["peoplefone", "peoplefone"], ["swisscom", "Swisscom"], ["generic", ""],
] as const;

interface Field {
  name: string;
  description?: { suggested_value?: unknown };
  schema?: Field[];
}

interface Step {
  type: "form" | "create_entry" | "abort";
  flow_id: string;
  reason?: string;
  data_schema?: Field[];
  errors?: Record<string, string> | null;
  description_placeholders?: Record<string, string>;
}

interface Subentry {
  subentry_id: string;
  subentry_type: string;
  title: string;
  unique_id: string | null;
}

/** A line as Home Assistant has it; the name is the PBX's. */
export interface KeptLine {
  id: string;
  name: string;
  title: string;
}

const FLOW = "config/config_entries/subentries/flow";
const NUMBERS = ["prefix", "country", "area", "caller_number"] as const;

export class Lines {
  constructor(
    private readonly hass: Hass,
    private readonly entry: string,
  ) {}

  /** Whether lines are added here, and not in the file of a PBX on another machine; and those that were. */
  async kept(): Promise<{ here: boolean; lines: KeptLine[] }> {
    const { connection } = this.hass;
    const { config_entry: entry } = await connection.sendMessagePromise<{ config_entry: { supported_subentry_types?: Record<string, unknown> } }>({
      type: "config_entries/get_single", entry_id: this.entry,
    });
    const all = await connection.sendMessagePromise<Subentry[]>({ type: "config_entries/subentries/list", entry_id: this.entry });
    const lines = all.filter((each) => each.subentry_type === "line").map((each) => ({ id: each.subentry_id, name: each.unique_id ?? "", title: each.title }));
    return { here: "line" in (entry.supported_subentry_types ?? {}), lines };
  }

  /** What is filled in so far; without `line` what Home Assistant suggests for a new one.  No password is among it. */
  async read(line?: KeptLine): Promise<Partial<LineFields>> {
    const step = await this.begin(line);
    await this.leave(step);
    return suggested(step.data_schema ?? []) as Partial<LineFields>;
  }

  /** Adds a line or changes one; the PBX starts anew with it.  What is wrong with it is thrown as a refusal. */
  async save(fields: LineFields, line?: KeptLine): Promise<void> {
    const step = await this.begin(line);
    const outer = Object.entries(fields).filter(([key, value]) => !(NUMBERS as readonly string[]).includes(key) && value);
    const inner = NUMBERS.filter((key) => fields[key] !== undefined && (fields[key] || key === "prefix")).map((key) => [key, fields[key]]);
    const done = await this.answer(step, { ...Object.fromEntries(outer), numbers: Object.fromEntries(inner) });
    if (done.type === "form") {
      await this.leave(done);
      throw { code: "invalid", message: done.description_placeholders?.["error"] || Object.values(done.errors ?? {}).join(" ") };
    }
    if (done.type === "abort" && done.reason !== "reconfigure_successful") throw { code: "unavailable", message: String(done.reason) };
  }

  async remove(line: KeptLine): Promise<void> {
    await this.hass.connection.sendMessagePromise({ type: "config_entries/subentries/delete", entry_id: this.entry, subentry_id: line.id });
  }

  private begin(line?: KeptLine): Promise<Step> {
    const change = line ? { subentry_id: line.id } : {};
    return this.call("POST", FLOW, { handler: [this.entry, "line"], ...change });
  }

  private async answer(step: Step, input: object): Promise<Step> {
    if (step.type !== "form") throw { code: "unavailable", message: String(step.reason ?? step.type) };
    return this.call("POST", `${FLOW}/${step.flow_id}`, input);
  }

  private async leave(step: Step): Promise<void> {
    if (step.type === "form") await this.call("DELETE", `${FLOW}/${step.flow_id}`).catch(() => undefined);
  }

  private async call(method: string, path: string, body?: object): Promise<Step> {
    try {
      return await this.hass.callApi!<Step>(method, path, body);
    } catch (error) {
      const { body: said } = (error ?? {}) as { body?: { message?: string } };
      throw { code: "unavailable", message: said?.message ?? refusal(error).message };
    }
  }
}

function suggested(schema: Field[]): Record<string, unknown> {
  return Object.fromEntries(schema.flatMap((field) =>
    field.schema ? Object.entries(suggested(field.schema)) : field.description?.suggested_value === undefined ? [] : [[field.name, field.description.suggested_value]]));
}

/** Why a line is not registered, by what the PBX says of it: the key of a text. */
export function whyNot(reason: string): "line_wrong_password" | "line_unknown" | "line_refused" | "line_silent" | "line_no_name" | "line_busy" | "" {
  const status = Number(/answered (\d{3})/.exec(reason)?.[1] ?? 0);
  if (status === 401 || status === 403 || status === 407) return "line_wrong_password";
  if (status === 404) return "line_unknown";
  if (status === 408 || status === 480) return "line_silent";
  if (status >= 500) return "line_busy";
  if (status) return "line_refused";
  if (/not known|no address|name server/i.test(reason)) return "line_no_name";
  return /answer|time|reach|connect|send/i.test(reason) ? "line_silent" : "";
}
