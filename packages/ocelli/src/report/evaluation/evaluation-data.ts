import type { ReportMedia } from '../media/media-data.js';
import type { ReportCurvePoint, ReportRow } from '../report-data.js';

/** A number with the 95 % interval in which it would lie for other samples of the same kind. */
export interface ReportNumber {
  readonly value: number;
  /** Absent together with `high` where there is no interval. */
  readonly low?: number;
  readonly high?: number;
}

/** One score of an evaluation. */
export interface ReportScore extends ReportNumber {
  /** What was scored, e.g. `200 captions`; scores of the same stand together. */
  readonly data: string;
  /** E.g. `CIDEr`. */
  readonly metric: string;
  /** `percent`: 0 to 100. `number` (default): 0 to as much as there is. */
  readonly unit?: 'percent' | 'number';
  /** Digits after the point, default 1. */
  readonly digits?: number;
}

/** A line of the training's log. */
export interface ReportCurve {
  readonly label: string;
  /** In order of steps. */
  readonly curve: readonly ReportCurvePoint[];
}

/** What the model said of one picture, video or recording. */
export interface ReportCase {
  readonly id: string;
  /** Null if it cannot be read any more; `fault` says why. */
  readonly media: ReportMedia | null;
  readonly fault?: string;
  /** Absent for a caption. */
  readonly question?: string;
  /** What people said, the best first. */
  readonly references: readonly string[];
  readonly text: string;
  /** By the metric of its {@link ReportCases}. */
  readonly score: number;
}

/** Some cases under one tab. */
export interface ReportCaseList {
  readonly label: string;
  /** How they were chosen. */
  readonly note: string;
  readonly cases: readonly ReportCase[];
}

/** Cases of one kind. */
export interface ReportCases {
  /** E.g. `Captions`. */
  readonly title: string;
  /** What the score of each case is, e.g. `CIDEr`. */
  readonly metric: string;
  readonly unit?: 'percent' | 'number';
  readonly digits?: number;
  readonly lists: readonly ReportCaseList[];
}

/** A score by groups of samples, e.g. by type of question. */
export interface ReportBreakdown {
  /** E.g. `Type of question`. */
  readonly title: string;
  readonly metric: string;
  readonly unit?: 'percent' | 'number';
  readonly digits?: number;
  /** The largest group first. */
  readonly rows: readonly (ReportNumber & { readonly name: string; readonly count: number })[];
}

/** All that the page of one evaluation says. Plain data: it can be written as JSON and rendered again later. */
export interface EvaluationReport {
  readonly title: string;
  readonly subtitle: string;
  /** When it was made, as ISO 8601 or any readable date. */
  readonly generated: string;
  readonly scores: readonly ReportScore[];
  /** Of the adapter's training; may be empty. */
  readonly curves: readonly ReportCurve[];
  readonly cases: readonly ReportCases[];
  readonly breakdowns: readonly ReportBreakdown[];
  readonly settings: readonly ReportRow[];
  readonly environment: readonly ReportRow[];
}
