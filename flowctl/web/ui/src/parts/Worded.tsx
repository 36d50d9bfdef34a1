/** A text in which `what is to be typed` looks like that. */
export function Worded({ words }: { words: string }) {
  return words.split("`").map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part));
}
