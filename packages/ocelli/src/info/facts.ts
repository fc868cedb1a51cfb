/** Named values of one section of `ocelli info`. */
export type Facts = Readonly<Record<string, unknown>>;
