package org.tethral;

import static java.util.Comparator.comparingInt;

import java.util.Collections;
import java.util.List;

/// What a mistyped word was probably meant to be.
final class Spelling {
    private Spelling() {}

    /// The known word that takes the fewest changed letters; of several, the first.
    static String nearest(String word, List<String> known) {
        return Collections.min(known, comparingInt(one -> distance(word, one)));
    }

    /// Levenshtein's.
    private static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            var diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                var change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
