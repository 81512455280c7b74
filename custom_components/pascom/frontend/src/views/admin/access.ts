/** How a phone or station logs in: shown on demand, to be typed in there; or a link and a picture that a phone fetches all from. */

import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/form/copy";
import { choiceField, forms } from "../../components/form/fields";
import { icon } from "../../components/icons";
import { shared } from "../../components/style";
import { qr, qrPath } from "../../data/admin/qr";
import { t } from "../../data/admin/texts";
import type { Account } from "../../data/admin/wire";
import { refusal } from "../../data/link";
import { mdiKeyVariant, mdiQrcode } from "./icons";
import { Page, pages } from "./page";

export const PHONE_MODELS = [["snom", "Snom"], ["yealink", "Yealink"], ["grandstream", "Grandstream"], ["linphone", "Linphone"]] as const;

/** The rows to copy. */
export function accountRows(account: Account): TemplateResult {
  return html`<div role="group" aria-label=${t("access_data")}>
    <pascom-copy .label=${t("access_server")} .value=${account.server}></pascom-copy>
    <pascom-copy .label=${t("access_port")} .value=${`${account.port}`}></pascom-copy>
    <pascom-copy .label=${t("access_username")} .value=${account.username}></pascom-copy>
    <pascom-copy .label=${t("access_password")} .value=${account.password}></pascom-copy>
    <p class="about">${t("access_transports", { transports: account.transports.map((each) => each.toUpperCase()).join(", ") })}</p>
  </div>`;
}

@customElement("pascom-admin-access")
export class Access extends Page {
  /** Whose, and which of their phones; one that is new has its account here already. */
  @property() user = "";
  @property() device = "";
  @property({ attribute: false }) account: Account | null = null;
  /** Only the first phone's account can be read again. */
  @property({ type: Boolean }) readable = false;
  /** Of which make the phone is, as far as that is known. */
  @property() model: string = PHONE_MODELS[0][0];
  @state() private link: { url: string; expires: string } | null = null;
  @state() private fault = "";
  /** What was asked for, of this phone. */
  @state() private shown: Account | null = null;

  static override styles = [
    shared,
    pages,
    forms,
    css`
      .both { display: grid; gap: 12px; }
      .code { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; }
      .qr { background: #fff; border-radius: 8px; padding: 12px; width: 200px; height: 200px; flex: none; }
      .code > div { flex: 1 1 220px; min-width: 0; }
      .asks { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
      .asks > .entry { flex: 1 1 180px; }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (!changed.has("user") && !changed.has("device")) return;
    // Nobody carries the access data of one phone into another.
    this.shown = this.link = null;
    this.fault = "";
  }

  protected override render(): TemplateResult {
    const { link } = this;
    const account = this.account ?? this.shown;
    return html`<div class="both">
      ${account ? html`${accountRows(account)}<p class="about">${t("access_once")}</p>` : nothing}
      ${!account && this.readable ? html`<div><button class="tonal" @click=${this.show}>${icon(mdiKeyVariant)}${t("access_show")}</button></div>` : nothing}
      ${link
        ? this.linked(link)
        : html`<div class="asks">
            ${choiceField({ label: t("phone_model"), value: this.model, choices: PHONE_MODELS, changed: (model) => (this.model = model) })}
            <button class="tonal" @click=${this.provide}>${icon(mdiQrcode)}${t("phone_sets_itself_up")}</button></div>`}
      ${this.fault ? html`<p class="fault" role="alert">${this.fault}</p>` : nothing}
    </div>`;
  }

  private linked({ url, expires }: { url: string; expires: string }): TemplateResult {
    const modules = qr(url);
    const until = this.house.format.clock(expires);
    return html`<div class="code">
      <svg class="qr" role="img" aria-label=${t("link_picture")} viewBox="0 0 ${modules.length} ${modules.length}" shape-rendering="crispEdges"><path d=${qrPath(modules)}></path></svg>
      <div><pascom-copy .label=${t("link")} .value=${url}></pascom-copy>
        <p class="about">${t(this.model === "linphone" ? "link_scan" : "link_type", { until })}</p></div>
    </div>`;
  }

  private readonly show = async (): Promise<void> => {
    this.shown = (await this.tried(() => this.house.ask<{ account: Account }>("user/account", { user: this.user })))?.account ?? null;
  };

  private readonly provide = async (): Promise<void> => {
    this.fault = "";
    try {
      this.link = await this.house.ask("provision/link", { user: this.user, device: this.device, model: this.model });
    } catch (error) {
      this.fault = refusal(error).message;
    }
  };
}
