import { detailsSection } from './details-section.js';
import { gallerySection } from './gallery-section.js';
import { headlineSection } from './headline-section.js';
import { lossSection } from './loss-section.js';
import { MediaBook } from './media/media-book.js';
import { questionSection } from './question-section.js';
import { questionTypeSection } from './question-type-section.js';
import { renderPage } from './render-page.js';
import type { ReportData } from './report-data.js';
import { resultsSection } from './results-section.js';

/**
 * A comparison of methods as one HTML page that holds all it needs, see `renderPage`. Every text is escaped; parts with
 * no data are left out.
 *
 * @returns the page; write it atomically as UTF-8
 * @throws TypeError if media have an address other than `data:...;base64,...`
 */
export function renderReport(data: ReportData): string {
  const book = new MediaBook();
  const sections = [
    headlineSection(data),
    resultsSection(data),
    lossSection(data.methods),
    gallerySection(data, book),
    questionTypeSection(data),
    questionSection(data, book),
    detailsSection(data),
  ];
  return renderPage(data, sections, book);
}
