package org.tethral.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.tethral.account.CommunityId;
import org.tethral.kernel.Page;
import org.tethral.kernel.Value;
import org.tethral.space.SiteImport;
import org.tethral.space.SpaceStore;

@EachEngine
class SiteImportContractTest extends SpaceRig {

    private final SiteImport imports;

    SiteImportContractTest(TestDatabase test) {
        super(test);
        this.imports =
                new SiteImport(
                        new SqlDeviceStore(database), devices, locations, spaces, UUID::randomUUID);
    }

    private SiteImport.Report run(String csv) {
        return imports.run(csv, CommunityId.DEFAULT, ANN, START);
    }

    @Test
    void takesAWholeSiteAndTheSameFileAgain() {
        var sensor = freshEui();
        var display = freshEui();
        var code = fresh("P");
        var csv =
                """
                space,name,location,sensor_eui,display_eui,tariff
                %s,"Lot 7, ""north\""",North/Garage/Level 1,%s,%s,day
                %s-b,,North/Garage/Level 2,,%s,
                """
                        .formatted(
                                code,
                                sensor.value().toLowerCase(Locale.ROOT),
                                display,
                                code,
                                display);
        assertThat(run(csv)).isEqualTo(new SiteImport.Report(2, 0, 2, java.util.List.of()));
        var filter = new SpaceStore.Filter(CommunityId.DEFAULT, null, code, null, null, null, null);
        var space = spaces.list(filter, Page.Request.first(2)).items().getFirst();
        assertThat(space.about().name()).isEqualTo("Lot 7, \"north\"");
        assertThat(space.about().metadata().find("tariff")).contains(Value.of("day"));
        assertThat(space.serving().sensorDevEui()).isEqualTo(sensor);
        assertThat(space.serving().displayDevEui()).isEqualTo(display);
        var floor = locations.find(space.about().location()).orElseThrow();
        assertThat(floor.name()).isEqualTo("Level 1");
        assertThat(locations.find(floor.parent()).orElseThrow().name()).isEqualTo("Garage");
        assertThat(run(csv)).isEqualTo(new SiteImport.Report(0, 2, 0, java.util.List.of()));
        assertThat(spaces.list(filter, Page.Request.first(2)).items()).containsExactly(space);
    }

    @Test
    void saysWhichRowsItDidNotTakeAndTakesTheOthers() {
        var code = fresh("Q");
        var report =
                run(
                        """
                        code;sensor_eui
                        %s;nonsense
                        ;70B3D57ED0001234
                        %s-ok;
                        """
                                .formatted(code, code));
        assertThat(report.added()).isEqualTo(1);
        assertThat(report.faults()).extracting(SiteImport.Fault::line).containsExactly(2, 3);
        assertThat(report.faults().getFirst().reason()).contains("DevEUI");
        assertThatThrownBy(() -> run("a,b\n1,2")).hasMessageContaining("'space'");
        assertThatThrownBy(() -> run("space\n\"x")).hasMessageContaining("does not end");
    }
}
