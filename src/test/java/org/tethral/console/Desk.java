package org.tethral.console;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What a person at a page does again and again.
record Desk(Page page) {

    /// A button of the page's content, by its whole name.
    Locator button(String name) {
        return page.locator("main")
                .getByRole(
                        AriaRole.BUTTON,
                        new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    /// A field, by what stands above it.
    Locator field(String label) {
        var above =
                page.locator(
                        "span",
                        new Page.LocatorOptions().setHasText(Pattern.compile("^" + label + "$")));
        return page.locator("main label.field")
                .filter(new Locator.FilterOptions().setHas(above))
                .locator("input, select");
    }

    /// A part of the page with a name.
    Locator part(String name) {
        return page.locator("main section[aria-label='" + name + "']");
    }

    /// Keeps a picture for those who asked for pictures.
    void shoot(String name) {
        var folder = System.getProperty("tethral.screenshots");
        if (folder != null) {
            page.screenshot(
                    new Page.ScreenshotOptions()
                            .setPath(Path.of(folder, name + ".png"))
                            .setFullPage(true));
        }
    }
}
