export { encodePng } from './encode-png.js';
export { pngDataUri } from './png-data-uri.js';
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
