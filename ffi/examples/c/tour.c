/*
 * A tour of procside from C: a checklist, a document that is patched and taken back, a process that
 * runs with a handler of ours and waits for an approval, and its events.
 *
 *     cc tour.c -lprocside -o tour && ./tour EMPTY_FOLDER
 *
 * It prints one JSON, the same as the tours in Python and Node.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "procside.h"

static const char FLOW[] =
    "name: report\n"
    "input: {topic: {type: string, required: true}}\n"
    "steps:\n"
    "  - {id: draft, type: agent_task, agent: writer, message: \"Write about {{ input.topic }}\"}\n"
    "  - {id: review, type: human_approval, depends_on: draft, approvers: [ada], title: Read it}\n"
    "  - {id: publish, type: agent_task, agent: writer, message: Publish, depends_on: review}\n"
    "outputs: [{name: report, value: \"{{ steps.draft.output.text }}\"}]\n";

/* What the handler is given beside the attempt. */
typedef struct writer {
    ps_project *project;
    uint64_t later;
} writer;

/* Prints an error and leaves; a program of your own will do something better. */
static void fail(const char *what, ps_error *err)
{
    const char *hint = ps_error_hint(err);
    fprintf(stderr, "%s: %s: %s\n", what, ps_error_kind(err), ps_error_message(err));
    if (hint != NULL)
        fprintf(stderr, "hint: %s\n", hint);
    ps_error_free(err);
    exit(1);
}

/* Calls an operation, which must succeed. */
static ps_buf *call(ps_project *project, const char *request)
{
    ps_buf *answer = NULL;
    ps_error *err = NULL;
    int32_t status = ps_call(project, request, strlen(request), &answer, &err);
    if (status != PS_OK && status != PS_WAITING)
        fail(request, err);
    return answer;
}

/* Returns the data of an answer. */
static json data(const ps_buf *answer)
{
    json envelope = {ps_buf_data(answer), ps_buf_len(answer)};
    return json_get(envelope, "data");
}

static void print(const char *before, json value)
{
    printf("%s%.*s", before, (int)value.len, value.data == NULL ? "" : value.data);
}

/* Performs the steps of the agent `writer`: the draft at once, the publication later. */
static int32_t write_text(void *user, const char *work, size_t len, uint64_t token)
{
    writer *self = user;
    json attempt = {work, len};
    const char *result = "{\"output\": {\"text\": \"A report.\"}, \"cost\": \"0.25\"}";
    ps_error *err = NULL;

    if (json_is(json_get(attempt, "step"), "publish")) {
        self->later = token;
        return PS_LATER;
    }
    if (ps_complete(self->project, token, result, strlen(result), &err) != PS_OK)
        fail("complete", err);
    return PS_OK;
}

/* Drives until only people can move anything; what was left for later is completed here. */
static void drive(ps_project *project, writer *writer)
{
    ps_error *err = NULL;
    int32_t state = PS_DRIVE_PROGRESS;
    while (state != PS_DRIVE_IDLE) {
        if (ps_drive(project, 5000, &state, &err) != PS_OK)
            fail("drive", err);
        if (writer->later != 0) {
            const char *result = "{\"output\": \"published\"}";
            uint64_t token = writer->later;
            writer->later = 0;
            if (ps_complete(project, token, result, strlen(result), &err) != PS_OK)
                fail("complete later", err);
        }
    }
}

static void tour_of_a_checklist(ps_project *project)
{
    ps_buf *answer;
    ps_buf_free(call(project, "{\"op\": \"init\", \"args\": {\"name\": \"Tour\", \"template\": "
                              "\"bugfix\"}}"));
    ps_buf_free(call(project, "{\"op\": \"add-step\", \"args\": {\"name\": \"Tell the users\", "
                              "\"after\": \"s1\"}}"));
    answer = call(project, "{\"op\": \"step\", \"args\": {\"id\": \"s1\", \"status\": "
                           "\"completed\", \"output\": \"seen.md\"}}");
    print("{\"checklist\":{\"process\":", json_get(json_get(data(answer), "process"), "id"));
    print(",\"progress\":", json_get(json_get(data(answer), "process"), "progress"));
    print(",\"step\":", json_get(json_get(data(answer), "step"), "status"));
    ps_buf_free(answer);
}

static void tour_of_a_document(ps_project *project)
{
    static const char text[] = "# Plan\n\nOld.\n";
    static const char patches[] = "[{\"operation\": \"append\", \"location\": \"# Plan\", "
                                  "\"content\": \"New.\"}]";
    ps_buf *answer, *patched = NULL, *inverse = NULL, *restored = NULL;
    json whole, back;
    ps_error *err = NULL;

    ps_buf_free(call(project, "{\"op\": \"patch\", \"args\": {\"patches\": [{\"operation\": "
                              "\"insert\", \"location\": \"# Plan\", \"content\": \"First.\"}]}}"));
    answer = call(project, "{\"op\": \"patch\", \"args\": {\"patches\": [{\"operation\": "
                           "\"append\", \"location\": \"# Plan\", \"content\": \"Second.\"}]}}");
    print("},\"document\":{\"patched\":", json_get(data(answer), "document"));
    ps_buf_free(answer);
    ps_buf_free(call(project, "{\"op\": \"undo\"}"));
    answer = call(project, "{\"op\": \"doc\"}");
    print(",\"undone\":", json_get(data(answer), "document"));
    ps_buf_free(answer);

    if (ps_patch_text(text, strlen(text), patches, strlen(patches), &patched, &inverse, &err))
        fail("patch", err);
    whole.data = ps_buf_data(patched);
    whole.len = ps_buf_len(patched);
    print(",\"alone\":", json_get(whole, "document"));
    /* What takes it back is made for exactly this text; here it is the text that we know. */
    if (ps_patch_text("# Plan\n\nOld.\n\nNew.\n", 19, ps_buf_data(inverse), ps_buf_len(inverse),
                      &restored, NULL, &err))
        fail("take back", err);
    back.data = ps_buf_data(restored);
    back.len = ps_buf_len(restored);
    print(",\"back\":", json_get(back, "document"));
    ps_buf_free(patched);
    ps_buf_free(inverse);
    ps_buf_free(restored);
}

static void tour_of_a_run(ps_project *project, const char *folder)
{
    char path[4096];
    writer writer = {project, 0};
    ps_events *events = NULL;
    ps_error *err = NULL;
    ps_buf *answer, *next = NULL;
    const char *before = "";
    FILE *file;

    snprintf(path, sizeof path, "%s/report.yaml", folder);
    file = fopen(path, "w");
    if (file == NULL || fputs(FLOW, file) < 0 || fclose(file) != 0)
        exit(1);
    if (ps_handler_set(project, "writer", 6, write_text, &writer, NULL, &err) != PS_OK)
        fail("set handler", err);
    ps_buf_free(call(project, "{\"op\": \"run\", \"args\": {\"source\": \"report.yaml\", \"input\": "
                              "{\"topic\": \"tours\"}, \"detach\": true}}"));
    if (ps_events_open(project, "proc-002", 8, 0, &events, &err) != PS_OK)
        fail("open events", err);
    drive(project, &writer);

    answer = call(project, "{\"op\": \"approvals\"}");
    print("},\"approval\":", json_get(json_item(json_get(data(answer), "approvals"), 0), "title"));
    ps_buf_free(answer);
    ps_buf_free(call(project, "{\"op\": \"approve\", \"args\": {\"id\": \"proc-002\", \"step\": "
                              "\"review\", \"by\": \"ada\"}}"));
    drive(project, &writer);
    answer = call(project, "{\"op\": \"show\", \"args\": {\"id\": \"proc-002\"}}");
    print(",\"run\":{\"status\":", json_get(json_get(data(answer), "process"), "status"));
    print(",\"outputs\":", json_get(data(answer), "outputs"));
    print(",\"cost\":", json_get(json_get(data(answer), "run"), "cost"));
    ps_buf_free(answer);

    printf("},\"events\":[");
    for (;;) {
        json event;
        if (ps_events_next(events, 5000, &next, &err) != PS_OK)
            fail("next event", err);
        if (next == NULL)
            break;
        event.data = ps_buf_data(next);
        event.len = ps_buf_len(next);
        event = json_get(json_get(event, "event"), "type");
        print(before, event);
        before = ",";
        if (json_is(event, "process_ended")) {
            ps_buf_free(next);
            break;
        }
        ps_buf_free(next);
    }
    ps_events_close(events);
}

static void tour_of_an_error(ps_project *project)
{
    static const char request[] = "{\"op\": \"show\", \"args\": {\"id\": \"proc-999\"}}";
    ps_buf *answer = NULL;
    ps_error *err = NULL;
    int32_t status = ps_call(project, request, strlen(request), &answer, &err);
    printf("],\"error\":{\"status\":%" PRId32 ",\"kind\":\"%s\"}}\n", status, ps_error_kind(err));
    ps_error_free(err);
    ps_buf_free(answer);
}

int main(int argc, char **argv)
{
    ps_project *project = NULL;
    ps_error *err = NULL;

    if (argc != 2 || ps_abi_version() != PS_ABI_VERSION) {
        fprintf(stderr, "usage: tour EMPTY_FOLDER\n");
        return 2;
    }
    if (ps_project_init(argv[1], strlen(argv[1]), &project, &err) != PS_OK)
        fail("init", err);
    tour_of_a_checklist(project);
    tour_of_a_document(project);
    tour_of_a_run(project, argv[1]);
    tour_of_an_error(project);
    ps_project_close(project);
    return 0;
}
