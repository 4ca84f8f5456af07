// SPDX-License-Identifier: Apache-2.0
/* The life of a daemon, told by what its service manager hears and by its exit status. */
#include "common/daemon.h"
#include "common/http.h"
#include "common/log.h"
#include "common/trace.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* This toy keeps no trace. */
const struct http_route trace_routes[1] = { { 0 } };
const size_t trace_route_count = 0;

int trace_start(const char *daemon, enum trace_mode mode, size_t ring_bytes)
{
	(void)daemon;
	(void)mode;
	(void)ring_bytes;
	return 0;
}

/* ---- a daemon ---- */

struct toy_options {
	struct base_options base;
	bool broken;                     /* start fails */
};

static const cyaml_schema_field_t fields[] = {
	BASE_OPTION_FIELDS(struct toy_options, base),
	OPTION_BOOL("broken", struct toy_options, broken),
	CYAML_FIELD_END
};
static const cyaml_schema_value_t value = { CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct toy_options, fields) };

static void defaults(void *options)
{
	base_options_defaults(options, "toy", NULL);
}

static int check(const void *options, char *key, size_t key_size, char *why, size_t why_size)
{
	return base_options_check(options, &(struct option_error){ key, why, key_size, why_size });
}

static const struct config_schema schema = { &value, defaults, check };

static int toy_start(struct daemon *d)
{
	const struct toy_options *o = daemon_options(d);
	struct rlimit core;

	getrlimit(RLIMIT_CORE, &core);
	if (o->broken || core.rlim_cur != 0)
		return -EIO;
	daemon_set_self(d, d);
	daemon_peer("hss", "cx", false, true);
	daemon_ready();
	return 0;
}

static void toy_reload(struct daemon *d)
{
	(void)d;
	daemon_peer("hss", "cx", true, true);
	log_event(LOG_INFO, "toy", "reloaded");
}

static bool toy_drained(struct daemon *d)
{
	static int asked;

	(void)d;
	return ++asked == 3;
}

static void toy_stop(struct daemon *d)
{
	if (daemon_self(d) == d)
		log_event(LOG_INFO, "toy", "stopped");
}

static const struct daemon_spec spec = {
	.name = "toy", .schema = &schema, .start = toy_start, .reload = toy_reload, .drained = toy_drained, .stop = toy_stop
};

/* ---- the one who runs it ---- */

static char dir[] = "/tmp/minims-daemon-XXXXXX";
static char config[64], log_file[64], notify_path[64];
static int notify_fd;

static void write_config(const char *more)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	FILE *f = fopen(config, "w");

	bind(fd, (struct sockaddr *)&a, n);
	getsockname(fd, (struct sockaddr *)&a, &n);
	close(fd);
	fprintf(f, "domain: ims.test\nops: {address: '127.0.0.1:%u'}\nlog: {file: %s}\n%s", ntohs(a.sin_port), log_file, more);
	fclose(f);
}

static pid_t launch(const char *argument)
{
	char *argv[] = { (char *)"toy", (char *)"-c", config, (char *)(uintptr_t)argument, NULL };
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	exit(daemon_main(&spec, argument ? 4 : 3, argv));
}

static int status_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void assert_hears(const char *what)
{
	char text[64];
	ssize_t n = recv(notify_fd, text, sizeof text - 1, 0); /* bounded by SO_RCVTIMEO */

	text[n < 0 ? 0 : n] = 0;
	assert_string_equal(text, what);
}

static bool log_says(const char *what)
{
	char text[8192];
	FILE *f = fopen(log_file, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	return strstr(text, what) != NULL;
}

/* ---- the sentences ---- */

static void test_it_is_ready_drains_and_ends_well(void **state)
{
	struct stat st;
	pid_t pid;

	(void)state;
	write_config("");
	pid = launch(NULL);
	assert_hears("READY=1");
	assert_int_equal(status_of(launch("--health")), 1); /* its HSS is down */
	kill(pid, SIGHUP);
	while (status_of(launch("--health")) != 0)
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_true(log_says("toy reloaded"));
	kill(pid, SIGTERM);
	assert_hears("STOPPING=1");
	assert_int_equal(status_of(pid), 0);
	assert_true(log_says("toy stopped"));
	assert_int_equal(stat(log_file, &st), 0);
	assert_int_equal(st.st_mode & 0077, 0);
}

static void test_a_mistake_in_the_file_is_status_2(void **state)
{
	(void)state;
	write_config("colour: red\n");
	assert_int_equal(status_of(launch(NULL)), 2);
	assert_int_equal(status_of(launch("-t")), 2);
	write_config("");
	assert_int_equal(status_of(launch("-t")), 0);
	assert_int_equal(status_of(launch("--colour")), 2);
	assert_int_equal(status_of(launch("--version")), 0);
}

static void test_a_start_that_fails_is_status_1(void **state)
{
	(void)state;
	write_config("broken: true\n");
	assert_int_equal(status_of(launch(NULL)), 1);
	assert_int_equal(status_of(launch("--health")), 1);
}

static void test_an_ops_address_that_is_taken_stops_the_start(void **state)
{
	pid_t pid;

	(void)state;
	write_config("");
	pid = launch(NULL);
	assert_hears("READY=1");
	assert_int_equal(status_of(launch(NULL)), 1);
	assert_true(log_says("Address already in use"));
	kill(pid, SIGINT);
	assert_hears("STOPPING=1");
	assert_int_equal(status_of(pid), 0);
}

static void listen_as_service_manager(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = 10 };

	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(a.sun_path, notify_path);
	bind(notify_fd, (struct sockaddr *)&a, sizeof a);
	setsockopt(notify_fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setenv("NOTIFY_SOCKET", notify_path, 1);
	unsetenv("WATCHDOG_USEC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_ready_drains_and_ends_well),
		cmocka_unit_test(test_a_mistake_in_the_file_is_status_2),
		cmocka_unit_test(test_a_start_that_fails_is_status_1),
		cmocka_unit_test(test_an_ops_address_that_is_taken_stops_the_start),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	snprintf(config, sizeof config, "%s/toy.yaml", dir);
	snprintf(log_file, sizeof log_file, "%s/toy.log", dir);
	snprintf(notify_path, sizeof notify_path, "%s/notify", dir);
	listen_as_service_manager();
	setenv("GLIBC_TUNABLES", "", 1); /* the daemon begins in a child of this process, not once more */
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(config);
	unlink(log_file);
	unlink(notify_path);
	rmdir(dir);
	return failed;
}
