/** The body of an answer as text. Throws once it is longer than `largest` bytes, without reading the rest. */
export async function readBounded(answer: Response, largest: number): Promise<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  if (answer.body === null) return '';
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > largest) throw new Error(`its answer is larger than ${largest} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
