package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
)

// The CPU time that this process has used so far, and what it holds after a collection of garbage.
func used() (any, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return nil, err
	}
	debug.FreeOSMemory()
	sizes, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return nil, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(sizes))[1])
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"cpuMs":    float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6,
		"rssBytes": pages * os.Getpagesize(),
	}, nil
}
