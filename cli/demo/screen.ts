const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** Prints lines, and keeps a progress bar below them where the output is a terminal. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #bar = '';
  #lastDrawnMs = 0;
  #lastTenth = -1;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  get isTerminal(): boolean {
    return this.#out.isTTY;
  }

  /** How many characters a line may have; without a terminal, as many as it likes. */
  get columns(): number {
    return this.isTerminal ? this.#out.columns : Infinity;
  }

  line(text = ''): void {
    if (this.#bar === '') this.#out.write(`${text}\n`);
    else this.#out.write(`${CLEAR_LINE}${text}\n${this.#bar}`);
  }

  progress(share: number, label: string): void {
    if (!this.isTerminal) return this.#progressAsLine(share, label);
    const now = performance.now();
    if (now - this.#lastDrawnMs < REDRAW_MS && share < 1) return;
    this.#lastDrawnMs = now;
    const filled = Math.round(share * BAR_WIDTH);
    this.#bar = `[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}] ${(share * 100).toFixed(0).padStart(3)} %  ${label}`;
    this.#bar = this.#bar.slice(0, this.columns - 1);
    this.#out.write(CLEAR_LINE + this.#bar);
  }

  endProgress(): void {
    if (this.#bar !== '') this.#out.write(CLEAR_LINE);
    this.#bar = '';
  }

  #progressAsLine(share: number, label: string): void {
    const tenth = Math.floor(share * 10);
    if (tenth === this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.line(`${String(tenth * 10).padStart(3)} %  ${label}`);
  }
}
