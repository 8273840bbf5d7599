# Completion of dimc's command line in fish. dimc itself says what may come next: `dimc completion words`.
# In: the line, as fish has split it. Out: a candidate a line, with its description.

function __dimc_complete
    set -l line (commandline -opc)
    set -l raw (commandline -ct)
    set -l typed (string unescape -- "$raw"; or string unescape -- "$raw\""; or string unescape -- "$raw'"; or echo "$raw")
    set -l answer ($line[1] completion words -- $line[2..-1] "$typed" 2>/dev/null)
    set -l first (string split -m 1 ' ' -- $answer[1])
    set -l kept $first[2]
    for entry in $answer[2..-1]
        echo -- $kept$entry
    end
    # fish completes the rest as it stands, with its quotes; options and numbers have none.
    set -l rest (string sub -s (math 1 + (string length -- "$kept")) -- "$raw")
    switch "$first[1]"
        case files
            printf "$kept%s\n" (__fish_complete_path "$rest")
        case directories
            printf "$kept%s\n" (__fish_complete_directories "$rest" '')
    end
end

complete -c dimc -f -k -a '(__dimc_complete)'
