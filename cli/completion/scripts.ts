/**
 * What a shell reads once so that it completes `vmcluster`: it asks the command itself (`__complete`), whose lines are a word
 * and, after a tab, what it means. Where nothing is answered the shell offers files.
 */

const bash = `_vmcluster() {
  local IFS=$'\\n' found
  found=$("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1)
  COMPREPLY=($found)
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace
  return 0
}
complete -o default -F _vmcluster vmcluster
`;

const zsh = `#compdef vmcluster
_vmcluster() {
  local -a found
  found=("\${(@f)$("\${(Q)words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null | cut -f1)}")
  found=(\${found:#})
  if (( \${#found} == 0 )); then _files
  elif [[ \${found[1]} == *: ]]; then compadd -S '' -- $found; _files
  else compadd -- $found
  fi
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit; compinit; }
compdef _vmcluster vmcluster
`;

const fish = `function __vmcluster_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c vmcluster -f -a '(__vmcluster_complete)'
`;

export const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };
