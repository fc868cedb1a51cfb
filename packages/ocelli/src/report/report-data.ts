import type { ReportMedia } from './media/media-data.js';

/** One named fact, e.g. `Processor`: `2 cores, AVX-512`. */
export interface ReportRow {
  readonly name: string;
  readonly value: string;
}

/** Scores by split, then by metric. What was not measured is left out. */
export type ReportScores = Readonly<Record<string, Readonly<Record<string, number | undefined>> | undefined>>;

/** A column of the results. */
export interface ReportMetric {
  /** The name in {@link ReportScores}, e.g. `exactMatch`. */
  readonly name: string;
  /** The head of the column, e.g. `Exact match`. */
  readonly label: string;
  /** One sentence for a reader who never met the metric. */
  readonly description: string;
  /** `percent`: the scores are 0 to 100 and bars are drawn against 100. `number` (default): against the column's best. */
  readonly unit?: 'percent' | 'number';
  /** Digits after the point, default 1. */
  readonly digits?: number;
  /** Default false: more is better. */
  readonly lowerIsBetter?: boolean;
}

/** A set of samples on which every method was scored. */
export interface ReportSplit {
  /** The name in {@link ReportScores}, e.g. `unseen-artist`. */
  readonly name: string;
  readonly label: string;
  /** What makes it hard, and what was held out. */
  readonly description: string;
}

/** One point of a loss curve. */
export interface ReportCurvePoint {
  readonly step: number;
  readonly loss: number;
}

/** A method that was trained. */
export interface ReportMethod {
  /** The name by which samples, questions and question types refer to it, e.g. `epalm-shared`. */
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** True for the methods that the report is about; they are set apart from the baselines. */
  readonly highlighted?: boolean;
  readonly trainableParameters: number;
  /** Share of all parameters, 0 to 100. */
  readonly trainablePercent: number;
  readonly secondsToTrain: number;
  /** In order of steps; may be empty. */
  readonly curve: readonly ReportCurvePoint[];
  readonly scores: ReportScores;
  /** Plus or minus over seeds, in the unit of the score; absent for a single run. */
  readonly spread?: ReportScores;
}

/** What the methods are measured against: what is had for nothing, and what the frozen encoder allows at best. */
export interface ReportBound {
  readonly label: string;
  readonly kind: 'floor' | 'ceiling';
  readonly description: string;
  readonly scores: ReportScores;
}

/** What a method said, and whether it was right. */
export interface ReportAnswer {
  readonly text: string;
  readonly correct: boolean;
}

/** A picture, video or recording with its references and the caption that each method gave it. */
export interface ReportSample {
  /** What it shows or plays, from `reportMedia`. */
  readonly media: ReportMedia;
  /** Name of a {@link ReportSplit}. */
  readonly split: string;
  /** Who drew, took or recorded it; an empty string if nobody is known. */
  readonly artist: string;
  /** The first one is shown large. */
  readonly references: readonly string[];
  /** By method name. */
  readonly captions: Readonly<Record<string, ReportAnswer>>;
}

/** A question about what is seen or heard, and what each method answered. Questions with the same media are shown together. */
export interface ReportQuestion {
  readonly media: ReportMedia;
  readonly question: string;
  /** E.g. `count`. */
  readonly type: string;
  /** Accepted answers, best first. */
  readonly answers: readonly string[];
  /** By method name. */
  readonly predictions: Readonly<Record<string, ReportAnswer>>;
}

/** How well one type of question is answered; all numbers are percent. */
export interface ReportQuestionType {
  readonly type: string;
  /** What a person would ask, e.g. `How many?`; `type` if absent. */
  readonly label?: string;
  /** Always the answer that is most frequent in training. */
  readonly majority: number;
  /** The same model, trained without seeing or hearing anything. */
  readonly blind: number;
  /** By method name. */
  readonly accuracy: Readonly<Record<string, number | undefined>>;
}

/** A work that the report shows or builds on. */
export interface ReportCredit {
  readonly name: string;
  /** Who made it. */
  readonly author?: string;
  /** E.g. `CC BY 4.0`. */
  readonly licence: string;
  /** Becomes a link if it starts with `https://` or `http://`. */
  readonly url?: string;
}

/** All that a report says. Plain data: it can be written as JSON and rendered again later. */
export interface ReportData {
  readonly title: string;
  readonly subtitle: string;
  /** When it was made, as ISO 8601 or any readable date. */
  readonly generated: string;
  /** The columns of the results; the first one is the headline. */
  readonly metrics: readonly ReportMetric[];
  /** The first one is shown first. */
  readonly splits: readonly ReportSplit[];
  readonly methods: readonly ReportMethod[];
  readonly bounds: readonly ReportBound[];
  readonly samples: readonly ReportSample[];
  readonly questions: readonly ReportQuestion[];
  readonly questionTypes: readonly ReportQuestionType[];
  readonly environment: readonly ReportRow[];
  readonly settings: readonly ReportRow[];
  readonly credits: readonly ReportCredit[];
}
