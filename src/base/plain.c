#include "base/plain.h"

#include <stdbool.h>
#include <string.h>

/* How many bytes the letter has, by RFC 3629; 0: it is none. */
static int letter_length(const unsigned char *text, unsigned *letter)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    int length = *text < 0x80 ? 1 : *text < 0xc2 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;

    *letter = length < 2 ? *text : *text & (0xffu >> (length + 1));
    if (*text > 0xf4)
        return 0;
    for (int i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *letter = *letter << 6 | (text[i] & 0x3f);
    }
    return length > 1 && (*letter < least[length] || *letter > 0x10ffff ||
                          (*letter >= 0xd800 && *letter < 0xe000))
               ? 0
               : length;
}

static bool is_obeyed(unsigned letter)
{
    return letter < 0x20 || (letter >= 0x7f && letter < 0xa0) || letter == 0x200e ||
           letter == 0x200f || (letter >= 0x202a && letter <= 0x202e) ||
           (letter >= 0x2066 && letter <= 0x2069);
}

const char *pm_plain_next(const char *text, char letter[5])
{
    unsigned number;
    int length = letter_length((const unsigned char *)text, &number);

    if (length == 0 || is_obeyed(number)) {
        strcpy(letter, "?");
    } else {
        memcpy(letter, text, (size_t)length);
        letter[length] = '\0';
    }
    return text + (length == 0 ? 1 : length);
}
