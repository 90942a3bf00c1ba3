import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

interface ForbiddenWord {
  readonly pattern: RegExp;
  readonly what: string;
  readonly instead: string;
}

const PATH = 'use a path relative to the file, to the working directory, or one that the caller gives';
const HOST = "leave it to the package client's own configuration";

/** Written in pieces, so that this file does not break its own rule. */
const FORBIDDEN: readonly ForbiddenWord[] = [
  {
    pattern: word('(?<![\\w.-])', '/', 'work', '/'),
    what: 'a path of one particular machine',
    instead: PATH,
  },
  {
    pattern: word('(?<![\\w.-])', '/', 'root', '/'),
    what: 'a path of one particular machine',
    instead: PATH,
  },
  {
    pattern: word('(?<![\\w.-])', '/', 'home/', '[a-z]+/'),
    what: "a path of one person's machine",
    instead: PATH,
  },
  ...['registry.npmjs' + '.org', 'repo1.maven' + '.org', 'repo.maven.apache' + '.org', 'pypi' + '.org'].map(
    host,
  ),
  ...['files.pythonhosted' + '.org', 'deb.debian' + '.org', 'proxy.golang' + '.org'].map(host),
];

function word(...pieces: string[]): RegExp {
  return new RegExp(pieces.join(''), 'i');
}

function host(name: string): ForbiddenWord {
  return {
    pattern: word(name.replaceAll('.', '\\.')),
    what: `the host of a package registry (${name})`,
    instead: HOST,
  };
}

/** The project runs on anybody's machine, so its files name none in particular. */
export function checkForbiddenWords(sources: readonly SourceFile[]): Violation[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((content, index) =>
      FORBIDDEN.filter(({ pattern }) => pattern.test(content)).map(({ what, instead }) => ({
        file: path,
        line: index + 1,
        what,
        instead,
      })),
    ),
  );
}
