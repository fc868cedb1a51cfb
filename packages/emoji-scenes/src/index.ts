export { type Artist, artists, trainingArtists, unseenArtists, validationArtists } from './artists.js';
export { type Clip, clipId, clipOf } from './clips/clip.js';
export {
  type ClipFacts,
  type ClipQuestion,
  type ClipQuestionType,
  clipCaptionsOf,
  clipQuestionsOf,
} from './clips/clip-words.js';
export {
  type EmojiClip,
  type EmojiClipsOptions,
  emojiClips,
  type RenderedVideo,
} from './clips/emoji-clips.js';
export { isClipHeldOut, isMotionHeldOut } from './clips/held-out-clips.js';
export { type Motion, motions } from './clips/motions.js';
export { frameOf, momentsOf } from './clips/poses.js';
export { type PixelVideo, type RenderClipOptions, renderClip } from './clips/render-clip.js';
export { type ColourName, colourNames, colours, type Rgb } from './colours.js';
export { type Concept, type ConceptSet, conceptByLabel, concepts, type Kind } from './concepts.js';
export { type Drawing, drawingNamed, type IconifySet } from './drawings.js';
export {
  type EmojiDataset,
  type EmojiSample,
  type EmojiScenesOptions,
  emojiScenes,
  type RenderedImage,
} from './emoji-scenes.js';
export { isBackgroundHeldOut, isCountHeldOut, isHeldOut, isPlaceHeldOut } from './held-out.js';
export { type Copy, canvasUnits } from './placement.js';
export { type Question, type QuestionType, questionsOf } from './questions.js';
export { hashText, Random } from './random.js';
export { type Pixels, type Recolour, renderScene } from './render-scene.js';
export { type RenderedDataset, renderedDataset } from './rendered-dataset.js';
export { parseSampleId, type SampleIdParts, sampleId } from './sample-id.js';
export { artistsOf, conceptsOf, type Scene, type Split, sceneOf, splits } from './scene.js';
export { sceneSvg } from './scene-svg.js';
export { captionsOf, numberWords } from './words.js';
