/** Choosing some of those who are here, or everybody. */

import type { TemplateResult } from "lit";
import { manyField, type Choice, type Field } from "../../components/form/fields";
import { t } from "../../data/admin/texts";
import { EVERYONE } from "../../data/admin/wire";

/** Everybody is a choice of its own: with it nobody else needs to be chosen. */
export function someOf(field: Field & { values: readonly string[]; choices: readonly Choice[]; changed: (values: string[]) => void }): TemplateResult {
  const { values: before } = field;
  return manyField({
    ...field,
    choices: [[EVERYONE, t("everyone")], ...field.choices],
    changed: (values) => {
      const added = values.find((each) => !before.includes(each));
      field.changed(added === EVERYONE ? [EVERYONE] : values.filter((each) => each !== EVERYONE || !added));
    },
  });
}

export function peopleOf(users: readonly { name: string; display_name: string }[]): Choice[] {
  return users.toSorted((a, b) => a.display_name.localeCompare(b.display_name)).map((user): Choice => [user.name, user.display_name]);
}
