/*
 * complete.h: what may come next on an unfinished command line.
 * In: the words of the line so far, and the one that is being typed.
 * Out: candidates, for the scripts of the shells in compiler/completion/.
 */
#ifndef DIMC_COMPLETE_H
#define DIMC_COMPLETE_H

#include "buf.h"
#include "command.h"

/*
 * words[0, count) are those behind `dimc`, the last one unfinished. The first line of the answer is "words", "files" or
 * "directories", a space, and the part of the unfinished word that stays as it is; with "files" and "directories", the
 * shell adds those of its own that go on from there. Each further line is a candidate for the rest of the word:
 * "WORD<tab>DESCRIPTION". Follows -C, and leaves the process there. Reports nothing: what cannot be read gives no
 * candidates.
 */
void complete_line(const struct command_list *commands, const char *const *words, size_t count, struct buf *ret);

#endif
