import { PbfReader } from 'pbf';

/** A piece of a SentencePiece vocabulary. */
export interface SentencePiece {
  piece: string;
  /** Log-probability. */
  score: number;
  /** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  type: number;
}

/** What of a SentencePiece `.model` file (a protocol buffer, `sentencepiece_model.proto`) a tokenizer needs. */
export interface SentencePieceModel {
  readonly pieces: SentencePiece[];
  /** 1 unigram, 2 BPE, 3 words, 4 characters. */
  modelType: number;
  unknownId: number;
  /** The normalisation table; empty if there is none. */
  charsmap: Uint8Array;
}

/** @throws {Error} if the bytes are no such file. */
export function readSentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  const model: SentencePieceModel = { pieces: [], modelType: 1, unknownId: 0, charsmap: new Uint8Array() };
  new PbfReader(bytes).readFields((field, result, reader) => {
    if (field === 1) result.pieces.push(reader.readMessage(readPiece, { piece: '', score: 0, type: 1 }));
    else if (field === 2) reader.readMessage(readTrainer, result);
    else if (field === 3) reader.readMessage(readNormalizer, result);
  }, model);
  if (model.pieces.length === 0) throw new Error('it holds no pieces');
  return model;
}

function readPiece(field: number, piece: SentencePiece, reader: PbfReader): void {
  if (field === 1) piece.piece = reader.readString();
  else if (field === 2) piece.score = reader.readFloat();
  else if (field === 3) piece.type = reader.readVarint();
}

function readTrainer(field: number, model: SentencePieceModel, reader: PbfReader): void {
  if (field === 3) model.modelType = reader.readVarint();
  else if (field === 40) model.unknownId = reader.readVarint(true);
}

function readNormalizer(field: number, model: SentencePieceModel, reader: PbfReader): void {
  if (field === 2) model.charsmap = reader.readBytes();
}
