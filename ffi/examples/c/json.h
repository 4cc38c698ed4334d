/*
 * Just enough JSON for the examples: finding a value in a text that is known to be JSON.
 * Programs of your own will have a library for it.
 */
#ifndef EXAMPLE_JSON_H
#define EXAMPLE_JSON_H

#include <stddef.h>
#include <string.h>

/* A value: where it begins, and how long it is; nothing when data is null. */
typedef struct json {
    const char *data;
    size_t len;
} json;

static inline const char *json_skip(const char *at, const char *end)
{
    int depth = 0;
    if (at < end && *at == '"') {
        for (at++; at < end && *at != '"'; at++)
            at += *at == '\\';
        return at + 1;
    }
    for (; at < end; at++) {
        if (*at == '"') {
            at = json_skip(at, end) - 1;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth-- <= 1)
                return depth < 0 ? at : at + 1;
        } else if (depth == 0 && (*at == ',' || *at == ':')) {
            return at;
        }
    }
    return end;
}

/* Returns the member of an object. */
static inline json json_get(json object, const char *key)
{
    const char *at = object.data, *end = object.data + object.len;
    json none = {NULL, 0};
    if (at == NULL || *at != '{')
        return none;
    for (at++; at < end && *at != '}';) {
        const char *name = at, *value, *behind;
        at = json_skip(at, end);
        value = at + 1;
        behind = json_skip(value, end);
        if ((size_t)(at - name) == strlen(key) + 2 && memcmp(name + 1, key, strlen(key)) == 0) {
            json found = {value, (size_t)(behind - value)};
            return found;
        }
        at = behind + (behind < end && *behind == ',');
    }
    return none;
}

/* Returns the item of a list. */
static inline json json_item(json list, size_t index)
{
    const char *at = list.data, *end = list.data + list.len;
    json none = {NULL, 0};
    if (at == NULL || *at != '[')
        return none;
    for (at++; at < end && *at != ']'; index--) {
        const char *behind = json_skip(at, end);
        json found = {at, (size_t)(behind - at)};
        if (index == 0)
            return found;
        at = behind + (behind < end && *behind == ',');
    }
    return none;
}

/* Returns whether a value is this text. */
static int json_is(json value, const char *text)
{
    return value.data != NULL && value.len == strlen(text) + 2 && value.data[0] == '"' &&
           memcmp(value.data + 1, text, value.len - 2) == 0;
}

#endif
