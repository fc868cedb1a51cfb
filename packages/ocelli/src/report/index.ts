export { encodePng } from './media/encode-png.js';
export type { ReportMedia, ReportPicture, ReportSound, ReportVideo } from './media/media-data.js';
export { reportMedia } from './media/report-media.js';
export { renderReport } from './render-report.js';
export type {
  ReportAnswer,
  ReportBound,
  ReportCredit,
  ReportCurvePoint,
  ReportData,
  ReportMethod,
  ReportMetric,
  ReportQuestion,
  ReportQuestionType,
  ReportRow,
  ReportSample,
  ReportScores,
  ReportSplit,
} from './report-data.js';
