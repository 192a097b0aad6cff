/** Longest path of a field, in segments and in characters: beyond what any mapping of Elasticsearch has. */
const mostSegments = 64;
const longest = 1024;

/** Why a path is not accepted as that of a field, and where in it the excess begins. */
export interface PathProblem {
  readonly message: string;
  readonly offset: number;
}

/** What is wrong with a path that is too long; undefined for any other. */
export const pathProblem = (path: string): PathProblem | undefined => {
  const segments = path.split(".");
  if (segments.length > mostSegments) {
    const message = `The path of the field has ${segments.length} segments; at most ${mostSegments} are supported`;
    return { message, offset: segments.slice(0, mostSegments).join(".").length };
  }
  if (path.length <= longest) return undefined;
  const message = `The path of the field has ${path.length} characters; at most ${longest} are supported`;
  return { message, offset: longest };
};
