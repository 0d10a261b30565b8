package org.tethral.lorawan;

/// Messages as the projects document them: ChirpStack (chirpstack.io/docs, "Event types") and The
/// Things Stack (thethingsindustries.com/docs, "Data Formats"), with names of our own.
final class Documented {

    static final String CHIRPSTACK_DEVICE =
            """
            "deviceInfo": {"tenantId": "52f14cd4-c6f1-4fbd-8f87-4025e1d49242", "tenantName": "ChirpStack",
              "applicationId": "17c82e96-be03-4f38-aef3-f83d48582d97", "applicationName": "Test application",
              "deviceProfileId": "14855bf7-d10d-4aee-b618-ebfcb64dc7ad", "deviceProfileName": "Test device-profile",
              "deviceName": "Test device", "devEui": "0101010101010101", "tags": {"key": "value"}}
            """;

    static final String UP =
            """
            {"deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "time": "2022-07-18T09:34:15.775023242+00:00",
             %s, "devAddr": "00189440", "dr": 1, "fPort": 1, "data": "qg==",
             "rxInfo": [{"gatewayId": "0016c001f153a14c", "uplinkId": 4217106255, "rssi": -36, "snr": 10.5,
               "context": "E3OWOQ==", "metadata": {"region_name": "eu868", "region_common_name": "EU868"}}],
             "txInfo": {"frequency": 867100000, "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 11,
               "codeRate": "CR_4_5"}}}}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String STATUS =
            """
            {"deduplicationId": "bf2a9746-1c8b-49be-a92e-f0b89c8534e4", "time": "2022-07-18T09:35:06.927172638+00:00",
             %s, "margin": 10, "batteryLevel": 88.3}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String JOIN =
            """
            {"deduplicationId": "c9dbe358-2578-4fb7-b295-66b44edc45a6", "time": "2022-07-18T09:33:28.823500726+00:00",
             %s, "devAddr": "00189440"}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String ACK =
            """
            {"deduplicationId": "856a03e7-80f6-4c26-b971-9dcb34a59c2e", "time": "2022-07-18T09:38:49.235700766+00:00",
             %s, "queueItemId": "1bbcab1d-6ec6-4136-b3f5-d63be1dc08de", "acknowledged": true, "fCntDown": 3}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String TXACK =
            """
            {"downlinkId": 3461958127, "time": "2022-07-18T09:37:48.929184085+00:00", %s,
             "queueItemId": "42cb6459-a640-46ec-9623-bdff39dc4736", "fCntDown": 2, "gatewayId": "0016c001f153a14c",
             "txInfo": {"frequency": 867900000, "power": 14, "modulation": {"lora": {"bandwidth": 125000,
               "spreadingFactor": 7, "codeRate": "CR_4_5", "polarizationInversion": true}},
               "timing": {"delay": {"delay": "1s"}}, "context": "ICYVGw=="}}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String LOG =
            """
            {"time": "2022-07-18T09:39:57.311414029+00:00", %s, "level": "ERROR", "code": "UPLINK_MIC",
             "description": "MIC of join-request is invalid, make sure keys are correct",
             "context": {"deduplication_id": "4e91db13-5ce3-4c8c-ab0f-dfc626cf0771"}}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    /// As its source writes it (`downlink/data.rs`).
    static final String TOO_LONG =
            """
            {"time": "2022-07-18T09:40:00Z", %s, "level": "ERROR", "code": "DOWNLINK_PAYLOAD_SIZE",
             "description": "Device queue-item discarded because it exceeds the max. payload size",
             "context": {"max_payload_size": "51", "item_size": "60",
               "queue_item_id": "1bbcab1d-6ec6-4136-b3f5-d63be1dc08de"}}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String LOCATION =
            """
            {"deduplicationId": "63d870b9-b769-4d88-8b33-8e43f58851a7", "time": "2022-07-18T09:55:11.059481003+00:00",
             %s, "location": {"latitude": 37.344214, "longitude": -8.839375, "altitude": 2}}
            """
                    .formatted(CHIRPSTACK_DEVICE);

    static final String THINGS_STACK_DEVICE =
            """
            "end_device_ids": {"device_id": "dev1", "application_ids": {"application_id": "app1"},
              "dev_eui": "0004A30B001C0530", "join_eui": "800000000000000C", "dev_addr": "00BCB929"}
            """;

    static final String TTS_UP =
            """
            {%s, "correlation_ids": ["as:up:01E0WZGT6Y7657CPFPE5WEYDSQ"], "received_at": "2020-02-12T15:15:46.014773143Z",
             "uplink_message": {"session_key_id": "AXA50tHUGUucuzS/bCGMNw==", "f_cnt": 1, "frm_payload": "gkHe",
               "decoded_payload": {"temperature": 1.0, "luminosity": 0.64},
               "rx_metadata": [{"gateway_ids": {"gateway_id": "gtw1", "eui": "9C5C8E00001A05C4"},
                 "time": "2020-02-12T15:15:45.787Z", "timestamp": 2463457000, "rssi": -35, "channel_rssi": -35,
                 "snr": 5, "uplink_token": "ChIKEAoEZ3R3MRIInFyOAAAaBcQQ6L3Vlgk=", "channel_index": 2}],
               "settings": {"data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 7}}, "data_rate_index": 5,
                 "coding_rate": "4/6", "frequency": "868300000", "timestamp": 2463457000,
                 "time": "2020-02-12T15:15:45.787Z"},
               "received_at": "2020-02-12T15:15:45.789585559Z"}}
            """
                    .formatted(THINGS_STACK_DEVICE);

    static final String TTS_JOIN =
            """
            {%s, "correlation_ids": ["as:up:01E191YN5F2HMBQCBCVRF731VY"], "received_at": "2020-02-17T07:49:09.935284891Z",
             "join_accept": {"session_key_id": "AXBSH1Pk6Z0G166RlH16CQ==", "received_at": "2020-02-17T07:49:09.736532315Z"}}
            """
                    .formatted(THINGS_STACK_DEVICE);

    /// @param kind `ack`, `nack`, `sent`, `queued`
    static String ttsDownlink(String kind, String correlation) {
        return """
        {%s, "correlation_ids": ["as:downlink:01E19B99501X84X6CV471TVSZ1", "as:up:01E19B9J8ED6HZW5CC41KPGHVD"],
         "received_at": "2020-02-17T10:32:24.590413417Z",
         "downlink_%s": {"session_key_id": "AXBSp8v2brG0jqkri+sIkw==", "f_port": 15, "f_cnt": 1, "frm_payload": "vu8=",
           "confirmed": true, "priority": "NORMAL", "correlation_ids": ["%s"]}}
        """
                .formatted(THINGS_STACK_DEVICE, kind, correlation);
    }

    static final String TTS_FAILED =
            """
            {"end_device_ids": {"device_id": "dev1", "application_ids": {"application_id": "app1"}},
             "correlation_ids": ["as:downlink:01E19Z5W3BZBG7CXSJE9C0A3CE"],
             "downlink_failed": {"downlink": {"f_port": 15, "frm_payload": "vu8=", "confirmed": true, "priority": "NORMAL",
                 "correlation_ids": ["tethral:1bbcab1d-6ec6-4136-b3f5-d63be1dc08de"]},
               "error": {"namespace": "pkg/networkserver", "name": "application_downlink_too_long",
                 "message_format": "application downlink payload is too long",
                 "correlation_id": "2e7f786912e946e597894e381d0ad7b0", "code": 3}}}
            """;

    private Documented() {}
}
