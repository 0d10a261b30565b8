package org.tethral.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

    private static List<List<String>> read(String text) throws IOException {
        var records = new ArrayList<List<String>>();
        var reader = new BufferedReader(new StringReader(text));
        for (var record = Csv.read(reader); record.isPresent(); record = Csv.read(reader)) {
            records.add(record.get());
        }
        return records;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+49 30",
                "-5",
                "@SUM(A1)",
                "\tx",
                "'=1",
                "''-x",
                "'quoted'",
                "a,b",
                "say \"hi\"",
                "two\nlines",
                "carriage\rreturn",
                "",
                " ",
                "{\"a\": [1, 2]}",
                "Zähler"
            })
    void aTextComesBackAsItWent(String text) throws IOException {
        assertThat(read(Csv.line(List.of("id", text, "end")) + "\n"))
                .containsExactly(List.of("id", text, "end"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+49 30", "-5", "@SUM(A1)", "\tx", "'=1"})
    void nothingIsAFormulaInASpreadsheet(String text) {
        assertThat(Csv.line(List.of(text)).replace("\"", "")).startsWith("'");
    }

    @Test
    void readsWhatSpreadsheetsWrite() throws IOException {
        assertThat(read("id,name\r\n1,\"a \"\"b\"\"\nc\"\r\n2,x"))
                .containsExactly(
                        List.of("id", "name"), List.of("1", "a \"b\"\nc"), List.of("2", "x"));
    }

    @Test
    void aQuoteThatDoesNotEndIsAnError() {
        assertThatThrownBy(() -> read("1,\"abc\n2,x\n")).isInstanceOf(IOException.class);
    }
}
