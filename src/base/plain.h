/* Text from strangers for people's eyes: paths, names, comments. */
#ifndef PM_PLAIN_H
#define PM_PLAIN_H

/* Takes the next letter of a text into `letter`, as up to four bytes and a zero, and returns what
 * is behind it: '?' for a control letter (of ASCII or C1) and for those that change the direction
 * of writing, which terminals and browsers obey, and for a byte that is no UTF-8. */
const char *pm_plain_next(const char *text, char letter[5]);

#endif
