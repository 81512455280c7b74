/** Somebody else changed the same meanwhile: what they made of it, and which shall stand. */

import { html, nothing, type TemplateResult } from "lit";
import type { Draft } from "../../data/admin/draft";
import { t, type AdminKey } from "../../data/admin/texts";

/** `said` tells a field's value in words; `mine` is called once ours shall stand, `theirs` once theirs does. */
export function conflict<T extends object>(
  draft: Draft<T>,
  { labels, said, mine, theirs }: { labels: Partial<Record<keyof T & string, AdminKey>>; said: (key: keyof T & string, value: unknown) => string; mine: () => void; theirs: () => void },
): TemplateResult | typeof nothing {
  if (draft.theirs === null) return nothing;
  return html`<section class="notice sure" role="alert">
    <strong>${t("changed_meanwhile")}</strong>
    <table class="differs"><thead><tr><td></td><th scope="col">${t("yours")}</th><th scope="col">${t("theirs")}</th></tr></thead>
      <tbody>${draft.differences.map(({ key, mine: ours, theirs: other }) => {
        const label = labels[key];
        return html`<tr><th scope="row">${label ? t(label) : key}</th><td>${said(key, ours)}</td><td>${said(key, other)}</td></tr>`;
      })}</tbody></table>
    <div class="ends">
      <button class="tonal" @click=${theirs}>${t("take_theirs")}</button>
      <button class="tonal" @click=${mine}>${t("keep_mine")}</button>
    </div>
  </section>`;
}
