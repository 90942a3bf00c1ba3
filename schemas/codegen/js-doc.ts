const MAX_COLUMNS = 110;

/** A documentation comment, wrapped, with its line end; nothing where there is nothing to say. */
export function jsDoc(text: string | undefined, indent: string): string {
  if (text === undefined || text === '') return '';
  const safe = text.replaceAll('*/', '*\\/').replace(/\s+/g, ' ').trim();
  const oneLine = `${indent}/** ${safe} */`;
  if (oneLine.length <= MAX_COLUMNS) return `${oneLine}\n`;
  const lines = wrap(safe, MAX_COLUMNS - indent.length - 3);
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */\n`].join('\n');
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
