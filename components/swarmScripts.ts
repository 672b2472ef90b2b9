/** What runs on the nodes for services, as POSIX sh. Values come on standard input, never in the text: nothing has to be quoted. */

/** Standard input: a folder's absolute path. Makes it; what is in it stays. */
export const makeFolderScript = `set -eu
folder=$(cat)
mkdir -p "$folder" 2>/dev/null || sudo -n mkdir -p "$folder"
`;
