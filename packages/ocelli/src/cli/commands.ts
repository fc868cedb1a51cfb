import type { CliCommand, LazyCommand } from './command.js';

/** Every command in the order of the overview. A command's own imports stay light; it loads the toolkit when it runs. */
export const commands: Readonly<Record<string, LazyCommand>> = {
  demo: {
    summary: 'Train and compare eP-ALM and its relatives on drawings, with a report',
    load: async () => (await import('../commands/demo.js')).demoCommand as CliCommand,
  },
  encode: {
    summary: 'Compute the features of a training beforehand',
    load: async () => (await import('../commands/encode.js')).encodeCommand as CliCommand,
  },
  train: {
    summary: 'Train an adapter on your own pictures',
    load: async () => (await import('../commands/train.js')).trainCommand as CliCommand,
  },
  caption: {
    summary: 'Describe pictures',
    load: async () => (await import('../commands/caption.js')).captionCommand as CliCommand,
  },
  answer: {
    summary: 'Answer a question about a picture',
    load: async () => (await import('../commands/answer.js')).answerCommand as CliCommand,
  },
  eval: {
    summary: 'Score an adapter on a data set',
    load: async () => (await import('../commands/eval.js')).evalCommand as CliCommand,
  },
  data: {
    summary: 'Check that data is whole before training on it',
    load: async () => (await import('../commands/data.js')).dataCommand as CliCommand,
  },
  info: {
    summary: 'Show the machine, the methods, an adapter, a checkpoint or the memory of a training',
    load: async () => (await import('../commands/info.js')).infoCommand as CliCommand,
  },
  import: {
    summary: "Turn a checkpoint of the authors of eP-ALM into an adapter of Ocelli's",
    load: async () => (await import('../commands/import.js')).importCommand as CliCommand,
  },
  verify: {
    summary: 'Compare a checkpoint with what its original implementation computed',
    load: async () => (await import('../commands/verify.js')).verifyCommand as CliCommand,
  },
};
