export type {
  EvaluationReport,
  ReportBreakdown,
  ReportCase,
  ReportCaseList,
  ReportCases,
  ReportCurve,
  ReportNumber,
  ReportScore,
} from './evaluation/evaluation-data.js';
export { renderEvaluation } from './evaluation/render-evaluation.js';
export { encodePng } from './media/encode-png.js';
export type { ReportMedia, ReportPicture, ReportSound, ReportVideo } from './media/media-data.js';
export { reportMedia, reportSeconds } from './media/report-media.js';
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
