import { escapeHtml } from './escape-html.js';

/** One of several things of which the reader sees one at a time. */
export interface Choice {
  /** HTML of the tab. */
  readonly tab: string;
  /** HTML of the panel. */
  readonly panel: string;
}

/**
 * Tabs and panels after the WAI-ARIA pattern. Without scripts, and on paper, the tabs are gone and all panels show.
 *
 * @param id unique in the page
 * @param label what is chosen, for screen readers
 * @param kind a class of the whole, for its looks
 */
export function chooser(id: string, label: string, kind: string, choices: readonly Choice[]): string {
  if (choices.length === 1)
    return `<div class="chooser ${kind}"><div class="panels">${choices[0]!.panel}</div></div>`;
  const tabs = choices.map(
    ({ tab }, i) =>
      `<button type="button" role="tab" id="${id}-tab-${i}" aria-controls="${id}-panel-${i}" aria-selected="${i === 0}" tabindex="${i === 0 ? 0 : -1}">${tab}</button>`,
  );
  const panels = choices.map(
    ({ panel }, i) =>
      `<div role="tabpanel" id="${id}-panel-${i}" aria-labelledby="${id}-tab-${i}">${panel}</div>`,
  );
  return `<div class="chooser ${kind}" data-chooser>
<div class="tabs" role="tablist" aria-label="${escapeHtml(label)}">${tabs.join('\n')}</div>
<div class="panels">${panels.join('\n')}</div>
</div>`;
}
