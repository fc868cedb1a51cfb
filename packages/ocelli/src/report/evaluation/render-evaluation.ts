import { detailsSection } from '../details-section.js';
import { lossSection } from '../loss-section.js';
import { MediaBook } from '../media/media-book.js';
import { renderPage } from '../render-page.js';
import { breakdownSection } from './breakdown-section.js';
import { caseSection } from './case-section.js';
import type { EvaluationReport } from './evaluation-data.js';
import { scoreSection } from './score-section.js';

/**
 * One evaluation as one HTML page that holds all it needs, see `renderPage`: scores with intervals, the training's
 * curves, what the model said, scores by kind of question, and how it was run. Every text is escaped; parts with no data
 * are left out.
 *
 * @returns the page; write it atomically as UTF-8
 * @throws TypeError if media have an address other than `data:...;base64,...`
 */
export function renderEvaluation(report: EvaluationReport): string {
  const book = new MediaBook();
  const sections = [
    scoreSection(report),
    breakdownSection(report),
    ...report.cases.map((cases, number) => caseSection(cases, number, book)),
    lossSection(report.curves),
    detailsSection({ ...report, credits: [] }),
  ];
  return renderPage(report, sections, book);
}
