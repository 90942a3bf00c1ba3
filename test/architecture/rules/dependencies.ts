import { importsOf, targetOf } from '../imports.ts';
import type { SourceFile } from '../source.ts';
import type { Violation } from '../violation.ts';

/** What a package.json says about the packages it needs. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const TOOLING = /^(test|examples|bench)\/|\.test\.ts$|\.config\.ts$|^[^/]+$/;

/** Code that ships leans on declared run-time dependencies; development packages are for tests, benches and tools. */
export function checkDependencies(sources: readonly SourceFile[], manifest: Manifest): Violation[] {
  const shipped = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const all = { ...shipped, ...manifest.devDependencies };
  return sources.flatMap((source) => {
    const allowed = TOOLING.test(source.path) ? all : shipped;
    return importsOf(source).flatMap((site) => {
      const target = targetOf(source.path, site.specifier);
      if (target.kind !== 'package' || site.typeOnly || target.name in allowed) return [];
      return [
        {
          file: source.path,
          line: site.line,
          what: `${site.specifier} is not among the ${allowed === all ? '' : 'run-time '}dependencies of package.json`,
          instead: "declare it there, or write node: before the name of one of Node's own modules",
        },
      ];
    });
  });
}
