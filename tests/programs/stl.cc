// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stl.cc - containers of the C++ library in the frames' locals, and an exception being handled.
 * pause() is called here and not in a library, so that backtraces need no file but this program.
 */
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ready.h"

struct NoSuchSquare : std::exception {
	std::string name;
	explicit NoSuchSquare(const std::string &name) : name(name) {}
	const char *what() const noexcept override { return name.c_str(); }
};

struct Shape {
	virtual ~Shape() = default;
	virtual int work(const std::string &name) = 0;
};

struct Square : Shape {
	int side = 7;
	int work(const std::string &name) override;
};

static void wait_forever()
{
	ready();
	for (;;)
		__asm__ volatile("syscall" : : "a"(34) : "rcx", "r11", "memory"); // pause
}

int Square::work(const std::string &name)
{
	try {
		throw NoSuchSquare(name);
	} catch (const NoSuchSquare &caught) {
		std::string what = caught.what();
		wait_forever();
		return (int)what.size();
	}
}

int main()
{
	std::vector<int> numbers{ 3, 1, 4, 1, 5 };
	std::map<std::string, int> ages{ { "alice", 31 }, { "bob", 42 } };
	std::string text = "text that is too long for the string itself";
	std::unique_ptr<Shape> shape = std::make_unique<Square>();

	return shape->work("round") + numbers[0] + ages["bob"] + (int)text.size();
}
