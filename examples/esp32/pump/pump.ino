// An ESP32 as a device over MQTT, with the Arduino core for ESP32 3.x and no further library.
//
// It uses ESP-MQTT, which comes with the core, because its reports need QoS 1: PUBACK says that the values are in the database.
// ESP-MQTT keeps what was not acknowledged and sends it again, also after the connection broke; with its message_id it is
// stored once. (PubSubClient publishes with QoS 0 only: it never learns whether a report arrived.)

#include <Arduino.h>
#include <WiFi.h>
#include "mqtt_client.h"

static const char *WIFI_NAME = "your network";
static const char *WIFI_PASSWORD = "its password";
static const char *SERVER = "mqtt://192.168.1.10:1883"; // the server with `--bind 0.0.0.0`
static const char *DEVICE = "pump-7";
static const char *TOKEN = "tethral_dev_…"; // as `tethral device add pump-7` printed it

static const unsigned long REPORT_EVERY_MS = 10000;
static const int LED = 2;

static esp_mqtt_client_handle_t client;
static String reportTopic = String("devices/") + DEVICE + "/report";
static String commandTopic = String("devices/") + DEVICE + "/commands/+";

// Part of each message id, new at each start, so that no two reports have the same one.
static uint32_t start;

static void obey(const String &topic, const String &body) {
  bool known = body.indexOf("\"command_name\":\"switch\"") >= 0;
  if (known) {
    digitalWrite(LED, body.indexOf("\"on\":true") >= 0 ? HIGH : LOW);
  }
  String answer = known ? "{\"status\":\"success\"}" : "{\"status\":\"error\",\"message\":\"this device can only switch\"}";
  esp_mqtt_client_enqueue(client, (topic + "/ack").c_str(), answer.c_str(), answer.length(), 1, 0, true);
}

// Runs on the task of ESP-MQTT: it must not wait for an answer there.
static void onEvent(void *, esp_event_base_t, int32_t kind, void *data) {
  auto event = static_cast<esp_mqtt_event_handle_t>(data);
  switch (kind) {
    case MQTT_EVENT_CONNECTED:
      Serial.println("connected");
      esp_mqtt_client_subscribe(client, commandTopic.c_str(), 1);
      break;
    case MQTT_EVENT_PUBLISHED: // PUBACK
      Serial.printf("stored: message %d\n", event->msg_id);
      break;
    case MQTT_EVENT_DATA:
      // Commands that do not fit the buffer (1 KiB) come in parts, which this device does not take.
      if (event->total_data_len == event->data_len) {
        obey(String(event->topic, event->topic_len), String(event->data, event->data_len));
      }
      break;
    case MQTT_EVENT_DISCONNECTED:
      Serial.println("connection lost; ESP-MQTT connects again by itself");
      break;
    default:
      break;
  }
}

void setup() {
  Serial.begin(115200);
  pinMode(LED, OUTPUT);
  start = esp_random();
  WiFi.setAutoReconnect(true);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) {
    delay(200);
  }
  esp_mqtt_client_config_t config = {};
  config.broker.address.uri = SERVER;
  config.credentials.username = TOKEN;
  config.credentials.client_id = DEVICE;
  config.session.disable_clean_session = true;
  config.session.keepalive = 30;
  client = esp_mqtt_client_init(&config);
  esp_mqtt_client_register_event(client, MQTT_EVENT_ANY, onEvent, nullptr);
  esp_mqtt_client_start(client);
}

void loop() {
  static unsigned long count = 0;
  char report[160];
  snprintf(report, sizeof report, "{\"message_id\":\"%08lx-%lu\",\"values\":{\"temperature\":%.1f,\"free_heap\":%lu}}",
           (unsigned long)start, ++count, temperatureRead(), (unsigned long)ESP.getFreeHeap());
  // -1: not taken, -2: its outbox is full. Otherwise it will be sent until it is acknowledged.
  if (esp_mqtt_client_enqueue(client, reportTopic.c_str(), report, strlen(report), 1, 0, true) < 0) {
    Serial.println("the outbox is full: this report is lost");
  }
  delay(REPORT_EVERY_MS);
}
